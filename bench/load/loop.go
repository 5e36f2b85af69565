package main

import (
	"syscall"
	"time"
)

// conn is one socket with what it has read and not yet understood, and what it has yet to write.
type conn struct {
	fd      int
	in      []byte
	out     []byte
	stage   int
	left    int
	sentAt  time.Time
	waiting bool // for EPOLLOUT
}

type handler interface {
	// readable is called after bytes were added to c.in.
	readable(c *conn)
	// drained is called when c.out has been written after it had to wait.
	drained(c *conn)
	closed(c *conn)
}

type loop struct {
	epoll    int
	accept   func() // for the file descriptor 'listener', when there is one
	listener int
	conns    []*conn
	events   []syscall.EpollEvent
	scratch  []byte
}

func newLoop() *loop {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		fail(err.Error())
	}
	return &loop{epoll: epoll, events: make([]syscall.EpollEvent, 256), scratch: make([]byte, 256<<10)}
}

func (l *loop) add(fd int) *conn {
	for len(l.conns) <= fd {
		l.conns = append(l.conns, nil)
	}
	c := &conn{fd: fd}
	l.conns[fd] = c
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
	if err := syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
		fail(err.Error())
	}
	return c
}

func (l *loop) drop(c *conn) {
	l.conns[c.fd] = nil
	_ = syscall.Close(c.fd)
}

// write sends now what the socket takes and keeps a copy of the rest. It says whether everything went.
func (l *loop) write(c *conn, bytes []byte) bool {
	if len(c.out) == 0 {
		n, err := syscall.Write(c.fd, bytes)
		if err != nil && err != syscall.EAGAIN {
			return true // the reading side will notice
		}
		if n == len(bytes) {
			return true
		}
		bytes = bytes[max(n, 0):]
	}
	c.out = append(c.out, bytes...)
	l.wait(c, true)
	return false
}

func (l *loop) wait(c *conn, on bool) {
	if c.waiting == on {
		return
	}
	c.waiting = on
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
	if on {
		event.Events |= syscall.EPOLLOUT
	}
	_ = syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, &event)
}

// turn waits for events, at most the given milliseconds (-1: for ever), and hands them out.
func (l *loop) turn(h handler, milliseconds int) {
	n, err := syscall.EpollWait(l.epoll, l.events, milliseconds)
	if err != nil && err != syscall.EINTR {
		fail(err.Error())
	}
	for i := 0; i < n; i++ {
		event := l.events[i]
		if l.accept != nil && int(event.Fd) == l.listener {
			l.accept()
			continue
		}
		c := l.conns[event.Fd]
		if c == nil {
			continue
		}
		if event.Events&syscall.EPOLLOUT != 0 && !l.flush(c, h) {
			continue
		}
		if event.Events&^uint32(syscall.EPOLLOUT) != 0 {
			l.read(c, h)
		}
	}
}

func (l *loop) read(c *conn, h handler) {
	n, err := syscall.Read(c.fd, l.scratch)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return
	}
	if n <= 0 {
		h.closed(c)
		return
	}
	c.in = append(c.in, l.scratch[:n]...)
	h.readable(c)
}

// flush says whether the connection may be read now.
func (l *loop) flush(c *conn, h handler) bool {
	n, err := syscall.Write(c.fd, c.out)
	if err == syscall.EAGAIN {
		return true
	}
	if err != nil {
		h.closed(c)
		return false
	}
	c.out = append(c.out[:0], c.out[n:]...)
	if len(c.out) == 0 {
		l.wait(c, false)
		h.drained(c)
	}
	return l.conns[c.fd] == c
}

// dial connects to 127.0.0.1 and returns a non-blocking socket.
func dial(port int) int {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		fail(err.Error())
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		fail("connect: " + err.Error())
	}
	prepare(fd)
	return fd
}

func prepare(fd int) {
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	_ = syscall.SetNonblock(fd, true)
}
