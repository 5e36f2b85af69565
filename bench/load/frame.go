package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
)

const websocketKey = "x3JJHMbDL1EzLkh9GBhXDw=="

// accept is the answer to a Sec-WebSocket-Key (RFC 6455, section 4.2.2).
func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

const upgradeHeaders = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + websocketKey + "\r\n"

const (
	opText  = 1
	opClose = 8
)

// frame encodes one final frame (RFC 6455, section 5.2); from a client it must be masked.
func frame(opcode byte, payload []byte, masked bool) []byte {
	out := []byte{0x80 | opcode}
	bit := byte(0)
	if masked {
		bit = 0x80
	}
	if len(payload) < 126 {
		out = append(out, bit|byte(len(payload)))
	} else {
		out = binary.BigEndian.AppendUint16(append(out, bit|126), uint16(len(payload)))
	}
	if !masked {
		return append(out, payload...)
	}
	mask := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	out = append(out, mask[:]...)
	for i, b := range payload {
		out = append(out, b^mask[i&3])
	}
	return out
}

// parse reads the first frame of the input; size 0 means that it is not complete. It unmasks in place.
func parse(in []byte) (opcode byte, payload []byte, size int) {
	if len(in) < 2 {
		return 0, nil, 0
	}
	length, at := int(in[1]&0x7f), 2
	if length == 126 {
		if len(in) < 4 {
			return 0, nil, 0
		}
		length, at = int(binary.BigEndian.Uint16(in[2:])), 4
	} else if length == 127 {
		fail("a frame of more than 64 KiB")
	}
	mask := in[at:at]
	if in[1]&0x80 != 0 {
		at += 4
		if len(in) < at {
			return 0, nil, 0
		}
		mask = in[at-4 : at]
	}
	if len(in) < at+length {
		return 0, nil, 0
	}
	payload = in[at : at+length]
	if len(mask) == 4 {
		for i := range payload {
			payload[i] ^= mask[i&3]
		}
	}
	return in[0] & 0x0f, payload, at + length
}

var headEnd = []byte("\r\n\r\n")

// header finds a header's value in a head, folding case.
func header(head []byte, name string) string {
	for _, line := range bytes.Split(head, []byte("\r\n")) {
		before, after, found := bytes.Cut(line, []byte(":"))
		if found && bytes.EqualFold(before, []byte(name)) {
			return string(bytes.TrimSpace(after))
		}
	}
	return ""
}
