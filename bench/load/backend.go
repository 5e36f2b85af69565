package main

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
)

const downloadSize = 100 << 20

const (
	stageHTTP = iota
	stageEcho
)

// backend is the app: `/` is 1 KB, `/download` is 100 MB, `/headers` shows the request's head, `/ws` echoes.
type backend struct {
	*loop
	small []byte
	chunk []byte
}

func runBackend(port int) {
	listener, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		fail(err.Error())
	}
	_ = syscall.SetsockoptInt(listener, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err := syscall.Bind(listener, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		fail("bind: " + err.Error())
	}
	_ = syscall.Listen(listener, 4096)
	_ = syscall.SetNonblock(listener, true)
	b := &backend{loop: newLoop(), chunk: bytes.Repeat([]byte("portico "), 32<<10)}
	b.small = reply("text/html; charset=utf-8", strings.Repeat("portico ", 128))
	accepting := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(listener)}
	_ = syscall.EpollCtl(b.epoll, syscall.EPOLL_CTL_ADD, listener, &accepting)
	b.listener, b.accept = listener, b.acceptAll
	for {
		b.turn(b, -1)
	}
}

func (b *backend) acceptAll() {
	for {
		fd, _, err := syscall.Accept4(b.listener, syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK)
		if err != nil {
			return
		}
		prepare(fd)
		b.add(fd)
	}
}

func reply(contentType, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(body), body)
}

func (b *backend) readable(c *conn) {
	for len(c.in) > 0 {
		used := 0
		if c.stage == stageEcho {
			used = b.echo(c)
		} else {
			used = b.answer(c)
		}
		if used == 0 {
			return
		}
		c.in = append(c.in[:0], c.in[used:]...)
	}
}

// answer assumes requests without a body.
func (b *backend) answer(c *conn) int {
	end := bytes.Index(c.in, headEnd)
	if end < 0 {
		return 0
	}
	head := c.in[:end]
	switch {
	case bytes.HasPrefix(head, []byte("GET /download")):
		c.left = downloadSize
		b.write(c, fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", downloadSize))
		b.drained(c)
	case bytes.HasPrefix(head, []byte("GET /headers")):
		b.write(c, reply("text/plain", string(head)))
	case bytes.HasPrefix(head, []byte("GET /ws")):
		c.stage = stageEcho
		b.write(c, []byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+
			accept(header(head, "sec-websocket-key"))+"\r\n\r\n"))
	default:
		b.write(c, b.small)
	}
	return end + 4
}

func (b *backend) echo(c *conn) int {
	opcode, payload, size := parse(c.in)
	if size > 0 && opcode < opClose {
		b.write(c, frame(opcode, payload, false))
	} else if size > 0 && opcode == opClose {
		b.write(c, frame(opcode, payload, false))
	}
	return size
}

func (b *backend) drained(c *conn) {
	for c.left > 0 {
		part := b.chunk[:min(len(b.chunk), c.left)]
		c.left -= len(part)
		if !b.write(c, part) {
			return
		}
	}
}

func (b *backend) closed(c *conn) { b.drop(c) }
