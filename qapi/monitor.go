package qapi

import (
	"context"
	"os"
)

// Monitor is the connection that a command came through.
type Monitor interface {
	// TakeFD hands over the descriptor that was stored under name with getfd, and forgets it. The caller closes it.
	TakeFD(name string) (*os.File, error)
}

type monitorKey struct{}

// WithMonitor returns a context in which commands find the monitor that they came through.
func WithMonitor(ctx context.Context, m Monitor) context.Context {
	return context.WithValue(ctx, monitorKey{}, m)
}

// MonitorFrom returns the monitor of the command that runs under ctx, or nil when there is none.
func MonitorFrom(ctx context.Context) Monitor {
	m, _ := ctx.Value(monitorKey{}).(Monitor)
	return m
}
