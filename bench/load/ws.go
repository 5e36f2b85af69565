package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// echoer sends one message on every WebSocket and the next one when its echo is back.
type echoer struct {
	*loop
	message  []byte
	expected []byte
	times    *histogram
	counting bool
}

func runEcho(t *target) rate {
	text := []byte(strings.Repeat("portico ", 15))
	e := &echoer{loop: newLoop(), message: frame(opText, text, true), expected: text, times: newHistogram()}
	for range t.connections {
		c := e.add(openWebSocket(t))
		e.send(c)
	}
	for until := time.Now().Add(t.warm); time.Now().Before(until); {
		e.turn(e, 100)
	}
	begin()
	e.counting = true
	start := time.Now()
	for until := start.Add(t.measure); time.Now().Before(until); {
		e.turn(e, 100)
	}
	return e.times.rate(time.Since(start), 0)
}

func (e *echoer) send(c *conn) {
	c.sentAt = time.Now()
	e.write(c, e.message)
}

func (e *echoer) readable(c *conn) {
	for {
		opcode, payload, size := parse(c.in)
		if size == 0 {
			return
		}
		if opcode == opText && !bytes.Equal(payload, e.expected) {
			fail("an echo that differs")
		}
		c.in = append(c.in[:0], c.in[size:]...)
		if opcode != opText {
			continue
		}
		if e.counting {
			e.times.add(time.Since(c.sentAt))
		}
		e.send(c)
	}
}

func (e *echoer) drained(*conn) {}
func (e *echoer) closed(*conn)  { fail("a WebSocket was closed") }

// openWebSocket shakes hands and returns the non-blocking socket. The backend never speaks first, so nothing is lost.
func openWebSocket(t *target) int {
	fd := dial(t.port)
	_ = syscall.SetNonblock(fd, false)
	if _, err := syscall.Write(fd, []byte(t.head(upgradeHeaders))); err != nil {
		fail(err.Error())
	}
	var in []byte
	buffer := make([]byte, 4096)
	for !bytes.Contains(in, headEnd) {
		n, err := syscall.Read(fd, buffer)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || n == 0 {
			fail("closed during the handshake: " + string(in))
		}
		in = append(in, buffer[:n]...)
	}
	if !bytes.HasPrefix(in, []byte("HTTP/1.1 101")) || header(in, "sec-websocket-accept") != accept(websocketKey) {
		fail("no upgrade: " + string(in))
	}
	_ = syscall.SetNonblock(fd, true)
	return fd
}

type idle struct {
	*loop
	Opened int `json:"opened"`
	Closed int `json:"closed"`
}

// runIdle opens the WebSockets and keeps them open until standard input ends.
func runIdle(t *target) *idle {
	i := &idle{loop: newLoop()}
	for range t.connections {
		i.add(openWebSocket(t))
		i.Opened++
	}
	begin()
	done := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(done) }()
	for {
		select {
		case <-done:
			return i
		default:
			i.turn(i, 50)
		}
	}
}

func (i *idle) readable(c *conn) { c.in = c.in[:0] }
func (i *idle) drained(*conn)    {}

func (i *idle) closed(c *conn) {
	i.Closed++
	i.drop(c)
}
