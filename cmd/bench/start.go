package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// start measures how long it takes from the call of the program to its first
// answer that it is ready: on an empty folder, on one it knows, on one with a
// grown database, and the least it could be.
func (r *run) start(ctx context.Context) error {
	s := series{}
	grown, err := r.database(ctx, r.largest())
	if err != nil {
		return err
	}
	warm := filepath.Join(r.dir, "start-warm")
	if _, err := r.bootTime(ctx, warm); err != nil {
		return err
	}
	if _, err := r.bootTime(ctx, grown); err != nil { // its secrets are made now
		return err
	}
	for i := range r.o.Sizes.Starts {
		empty := filepath.Join(r.dir, fmt.Sprint("start-empty-", i))
		for _, one := range []struct{ name, dir string }{{"start.empty", empty}, {"start.warm", warm}, {"start.grown", grown}} {
			took, err := r.bootTime(ctx, one.dir)
			if err != nil {
				return err
			}
			s.add(one.name, milliseconds(took))
		}
		took, err := r.floorTime(ctx)
		if err != nil {
			return err
		}
		s.add("floor", milliseconds(took))
	}
	info, err := os.Stat(filepath.Join(grown, databaseName))
	if err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	r.figure(s, "start.empty", "empty folder, median", "ms", "floor", "empty web server with SQLite")
	r.figure(s, "start.warm", "known folder, median", "ms", "floor", "empty web server with SQLite")
	key := "start.small"
	if r.o.Full {
		key = "start.grown"
	}
	r.figure(s, "start.grown", fmt.Sprintf("database of %d MB, median", info.Size()/1e6), "ms", "start.empty", "empty folder")
	r.figures[len(r.figures)-1].Key = key
	return nil
}

// bootTime starts the program on a folder and stops it again.
func (r *run) bootTime(ctx context.Context, dir string) (took time.Duration, err error) {
	begun := time.Now()
	s, err := r.boot(ctx, dir)
	if err != nil {
		return 0, err
	}
	return time.Since(begun), s.stop()
}

// floorTime does the same with the least there can be.
func (r *run) floorTime(ctx context.Context) (took time.Duration, err error) {
	begun := time.Now()
	c, err := r.helper(ctx, helperFloor)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, err = c.listening(ctx, client, "/health")
	took = time.Since(begun)
	return took, errors.Join(err, c.stop())
}
