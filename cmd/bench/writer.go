package bench

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// writer writes to bare sockets, which is the least one delivery can cost.
type writer struct {
	listener net.Listener
	accepts  sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
}

func newWriter(ctx context.Context) (*writer, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	w := &writer{listener: ln}
	w.accepts.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.conns = append(w.conns, conn)
			w.mu.Unlock()
		}
	})
	return w, nil
}

func (w *writer) obey(_ context.Context, o order, say func(report) error) error {
	if o.Do != "write" {
		return fmt.Errorf("there is no order %q", o.Do)
	}
	w.mu.Lock()
	conns := w.conns
	w.mu.Unlock()
	event := make([]byte, o.Bytes)
	for range o.N {
		for _, conn := range conns {
			if _, err := conn.Write(event); err != nil {
				return fmt.Errorf("write to bare socket: %w", err)
			}
		}
	}
	return say(report{N: o.N * len(conns)})
}

func (w *writer) close() {
	_ = w.listener.Close()
	w.accepts.Wait()
	for _, conn := range w.conns {
		_ = conn.Close()
	}
}
