//go:build tools

// Package oauth2proxy pins the version of oauth2-proxy that the benchmarks compare with.
package oauth2proxy

import _ "github.com/oauth2-proxy/oauth2-proxy/v7"
