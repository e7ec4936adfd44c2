package store

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/tmates/tmates/store/disk"
)

// freshDatabase is an empty database with today's schema, which a test makes from
// the migrations and holds against them. It is SQLite's own format, compressed.
//
//go:embed fresh.db.gz
var freshDatabase []byte

// provide puts a fresh database where there is none. Running all migrations takes
// most of a first start: SQLite reads its schema again after each statement, and
// every step is a commit. Where anything is left of an earlier database nothing
// is done: SQLite knows what a lone write-ahead log is worth, and the migrations
// do the rest.
func provide(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-journal"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	r, err := gzip.NewReader(bytes.NewReader(freshDatabase))
	if err != nil {
		return fmt.Errorf("read fresh database: %w", err)
	}
	content := make([]byte, binary.LittleEndian.Uint32(freshDatabase[len(freshDatabase)-4:])) // where gzip keeps the size
	if _, err := io.ReadFull(r, content); err != nil {
		return fmt.Errorf("read fresh database: %w", err)
	}
	if err := disk.Replace(path, content); err != nil {
		return fmt.Errorf("write fresh database: %w", err)
	}
	return nil
}
