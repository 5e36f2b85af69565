// Command load is the other half of the benchmarks: the app behind the servers under test (`backend`) and the
// clients in front of them. Everything runs on one thread over epoll, with no HTTP library, so that the load costs
// less than any server it measures. A result is one line of JSON on standard output; before it the line "begin"
// says that warming up is over.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

type headers []string

func (h *headers) String() string     { return strings.Join(*h, ", ") }
func (h *headers) Set(v string) error { *h = append(*h, v); return nil }

// target is what all clients need to know.
type target struct {
	port        int
	host        string
	path        string
	headers     headers
	cookies     string
	active      int
	connections int
	warm        time.Duration
	measure     time.Duration
}

func (t *target) head(extra string) string {
	head := "GET " + t.path + " HTTP/1.1\r\nHost: " + t.host + "\r\nUser-Agent: bench\r\nAccept: */*\r\n"
	for _, header := range t.headers {
		head += header + "\r\n"
	}
	return head + extra + "\r\n"
}

func main() {
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	debug.SetGCPercent(400)
	if len(os.Args) < 2 {
		fail("usage: load backend|get|ws|download|idle [flags]")
	}
	t := &target{}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.IntVar(&t.port, "port", 0, "port on 127.0.0.1")
	flags.StringVar(&t.host, "host", "", "Host header")
	flags.StringVar(&t.path, "path", "/", "path to ask for")
	flags.Var(&t.headers, "header", "extra header line, may be repeated")
	flags.StringVar(&t.cookies, "cookies", "", "file of Cookie headers, one a line, used in turn; each once before measuring (get only)")
	flags.IntVar(&t.active, "active", 0, "measure with so many of the cookies; 0 for all")
	flags.IntVar(&t.connections, "connections", 64, "connections")
	flags.DurationVar(&t.warm, "warm", time.Second, "not measured")
	flags.DurationVar(&t.measure, "measure", 5*time.Second, "measured")
	_ = flags.Parse(os.Args[2:])
	if t.host == "" {
		t.host = fmt.Sprintf("127.0.0.1:%d", t.port)
	}
	switch os.Args[1] {
	case "backend":
		runBackend(t.port)
	case "get":
		report(runGet(t))
	case "ws":
		report(runEcho(t))
	case "download":
		report(runDownload(t))
	case "idle":
		report(runIdle(t))
	default:
		fail("unknown command " + os.Args[1])
	}
}

func begin() { fmt.Println("begin") }

func report(result any) {
	line, err := json.Marshal(result)
	if err != nil {
		fail(err.Error())
	}
	fmt.Println(string(line))
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "load: "+message)
	os.Exit(1)
}
