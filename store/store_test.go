package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/storetest"
	"github.com/tmates/tmates/store/tmates"
)

func open(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, open)
}

func TestOddFolderNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with blank", "per%20cent", "quest?ion", "ha#sh", "ünï"} {
		dir := filepath.Join(t.TempDir(), name)
		open(t, store.Options{Dir: dir})
		if _, err := os.Stat(filepath.Join(dir, store.FileName)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// raw opens the file beside the store, as another version of the program would.
func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestDurableByDefault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := open(t, store.Options{Dir: dir})
	modes := map[string]string{}
	for _, pragma := range []string{"journal_mode", "synchronous", "foreign_keys"} {
		v, err := store.Pragma(t.Context(), db, pragma)
		if err != nil {
			t.Fatal(err)
		}
		modes[pragma] = v
	}
	if modes["journal_mode"] != "wal" || modes["synchronous"] != "2" || modes["foreign_keys"] != "1" {
		t.Fatalf("the writer's pragmas: %v", modes)
	}
}

func TestCacheCanBeLarger(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]store.Options{"-8192": {}, "-65536": {CacheKiB: 64 << 10}} {
		o.Dir = t.TempDir()
		if got, err := store.Pragma(t.Context(), open(t, o), "cache_size"); err != nil || got != want {
			t.Errorf("cache_size is %s, want %s (%v)", got, want, err)
		}
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, dir).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), store.Options{Dir: dir})
	if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Code != "schema_newer" || !strings.Contains(e.Msg, "install the newer tmates again") {
		t.Fatalf("a newer database: %v", err)
	}
	// With a snapshot from before the upgrade the message says what to type.
	backup := filepath.Join(dir, store.BackupFolder, "schema-1-20261122T120000.000000Z.db")
	if err := errors.Join(os.Mkdir(filepath.Dir(backup), 0o700), os.WriteFile(backup, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), store.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "cp \""+backup+"\"") {
		t.Fatalf("the advice does not name the snapshot: %v", err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, _, err := store.AcquireLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Announce("http://127.0.0.1:8000"); err != nil {
		t.Fatal(err)
	}
	_, holder, err := store.AcquireLock(dir)
	if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Code != "data_in_use" || !strings.Contains(e.Msg, "http://127.0.0.1:8000") {
		t.Fatalf("second lock: %v", err)
	}
	if holder.PID != os.Getpid() || holder.URL != "http://127.0.0.1:8000" {
		t.Fatalf("holder: %+v", holder)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	again, _, err := store.AcquireLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestWriteStopsWaiting(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{})
	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), func(context.Context, *store.Tx) error {
			close(inside)
			<-leave
			return nil
		})
	}()
	<-inside
	why := errors.New("client left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := db.Write(ctx, func(context.Context, *store.Tx) error { return nil }); !errors.Is(err, why) {
		t.Fatalf("waiting write: %v, want %v", err, why)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestConsumedIsIndexed: the sum is read before every turn while limits are on.
func TestConsumedIsIndexed(t *testing.T) {
	t.Parallel()
	detail, err := store.ConsumedPlan(t.Context(), open(t, store.Options{}))
	const want = "SEARCH usage USING COVERING INDEX usage_period (organisation_id=? AND created_at>? AND created_at<?)"
	if err != nil || detail != want {
		t.Errorf("plan %q, %v; want %q", detail, err, want)
	}
}

// TestPortableSQL keeps out what a second database dialect could not read.
func TestPortableSQL(t *testing.T) {
	t.Parallel()
	banned := regexp.MustCompile(`(?i)datetime\(|strftime|\browid\b|autoincrement|insert or |create trigger|\?[0-9]|json_extract`)
	paths, err := filepath.Glob("*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_words.go") { // full-text search is nowhere portable
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(src), "\n") {
			if found := banned.FindString(line); found != "" {
				t.Errorf("%s:%d: %q is not portable", path, n+1, found)
			}
		}
	}
}
