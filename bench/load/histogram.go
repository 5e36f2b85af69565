package main

import "time"

// histogram counts durations to the microsecond, up to one second.
type histogram struct {
	buckets []uint32
	count   uint64
}

func newHistogram() *histogram { return &histogram{buckets: make([]uint32, 1_000_001)} }

func (h *histogram) add(d time.Duration) {
	h.buckets[min(int(d.Microseconds()), len(h.buckets)-1)]++
	h.count++
}

// quantile in microseconds.
func (h *histogram) quantile(q float64) int {
	rank, seen := uint64(q*float64(h.count)), uint64(0)
	for micros, n := range h.buckets {
		seen += uint64(n)
		if seen > rank {
			return micros
		}
	}
	return 0
}

// rate is the result of a closed loop: as many exchanges in flight as connections.
type rate struct {
	PerSecond float64 `json:"perSecond"`
	Count     uint64  `json:"count"`
	P50       int     `json:"p50"`
	P99       int     `json:"p99"`
	Seconds   float64 `json:"seconds"`
	Reopened  int     `json:"reopened"`
}

func (h *histogram) rate(elapsed time.Duration, reopened int) rate {
	return rate{
		PerSecond: float64(h.count) / elapsed.Seconds(),
		Count:     h.count,
		P50:       h.quantile(0.5),
		P99:       h.quantile(0.99),
		Seconds:   elapsed.Seconds(),
		Reopened:  reopened,
	}
}
