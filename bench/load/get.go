package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// getter asks for the same small page over and over, one request in flight on every connection.
type getter struct {
	*loop
	target   *target
	requests [][]byte
	sent     int
	times    *histogram
	counting bool
	reopened int
}

func runGet(t *target) rate {
	g := &getter{loop: newLoop(), target: t, requests: t.requests(), times: newHistogram()}
	for range t.connections {
		g.open()
	}
	for until := time.Now().Add(t.warm); time.Now().Before(until) || g.sent < len(g.requests); {
		g.turn(g, 100)
	}
	if t.active > 0 && t.active < len(g.requests) {
		g.requests = g.requests[:t.active]
	}
	begin()
	g.counting, g.reopened = true, 0
	start := time.Now()
	for until := start.Add(t.measure); time.Now().Before(until); {
		g.turn(g, 100)
	}
	return g.times.rate(time.Since(start), g.reopened)
}

// requests holds one request, or one for each cookie.
func (t *target) requests() [][]byte {
	if t.cookies == "" {
		return [][]byte{[]byte(t.head(""))}
	}
	text, err := os.ReadFile(t.cookies)
	if err != nil {
		fail(err.Error())
	}
	var requests [][]byte
	for _, line := range strings.Fields(string(text)) {
		requests = append(requests, []byte(t.head("Cookie: "+line+"\r\n")))
	}
	return requests
}

func (g *getter) open() { g.send(g.add(dial(g.target.port))) }

func (g *getter) send(c *conn) {
	c.sentAt = time.Now()
	g.write(c, g.requests[g.sent%len(g.requests)])
	g.sent++
}

func (g *getter) readable(c *conn) {
	size, length := answerSize(c.in)
	if size == 0 || len(c.in) < size+length {
		return
	}
	c.in = c.in[:0]
	if g.counting {
		g.times.add(time.Since(c.sentAt))
	}
	g.send(c)
}

// answerSize is the length of head and body of an answer; a head that is not complete gives 0.
func answerSize(in []byte) (head, body int) {
	end := bytes.Index(in, headEnd)
	if end < 0 {
		return 0, 0
	}
	if !bytes.HasPrefix(in, []byte("HTTP/1.1 200")) {
		fail("not 200: " + string(in[:end]))
	}
	length, err := strconv.Atoi(contentLength(in[:end+2]))
	if err != nil {
		fail("an answer without Content-Length: " + string(in[:end]))
	}
	return end + 4, length
}

// contentLength tries the common spellings before it folds case: this is on the hot path of the load.
func contentLength(head []byte) string {
	for _, name := range []string{"\r\nContent-Length: ", "\r\ncontent-length: "} {
		if at := bytes.Index(head, []byte(name)); at >= 0 {
			value := head[at+len(name):]
			return string(value[:bytes.IndexByte(value, '\r')])
		}
	}
	return header(head, "content-length")
}

func (g *getter) drained(*conn) {}

// closed opens a new connection: a server may end a kept-alive one between two requests.
func (g *getter) closed(c *conn) {
	g.drop(c)
	g.reopened++
	if g.reopened > 1000 && uint64(g.reopened) > g.times.count/10 {
		fail("the server keeps closing connections")
	}
	g.open()
}

type throughput struct {
	MegabytesPerSecond float64 `json:"megabytesPerSecond"`
	Count              int     `json:"count"`
	Seconds            float64 `json:"seconds"`
}

// runDownload fetches the 100 MB one after the other over one connection. MSG_TRUNC lets the kernel throw the bytes
// away without copying them, so that the client is never slower than the server.
func runDownload(t *target) throughput {
	fd := dial(t.port)
	_ = syscall.SetNonblock(fd, false)
	request, buffer := []byte(t.head("")), make([]byte, 1<<20)
	fetch := func() {
		if _, err := syscall.Write(fd, request); err != nil {
			fail(err.Error())
		}
		var in []byte
		head, body := 0, 0
		for head == 0 {
			n, err := syscall.Read(fd, buffer)
			if err != nil || n == 0 {
				fail("the download ended early")
			}
			in = append(in, buffer[:n]...)
			head, body = answerSize(in)
		}
		if body != downloadSize {
			fail("a download of " + strconv.Itoa(body) + " bytes")
		}
		for left := body - (len(in) - head); left > 0; {
			n, _, errno := syscall.Syscall6(syscall.SYS_RECVFROM, uintptr(fd), 0, uintptr(min(left, 4<<20)), syscall.MSG_TRUNC, 0, 0)
			if errno == syscall.EINTR {
				continue
			}
			if errno != 0 || n == 0 {
				fail("the download ended early")
			}
			left -= int(n)
		}
	}
	fetch()
	begin()
	start, count := time.Now(), 0
	for count == 0 || time.Since(start) < t.measure {
		fetch()
		count++
	}
	elapsed := time.Since(start).Seconds()
	return throughput{MegabytesPerSecond: float64(count) * downloadSize / 1e6 / elapsed, Count: count, Seconds: elapsed}
}
