package v1_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/store"
)

// A server that cannot write is up but not ready, and ready again afterwards.
func TestReady(t *testing.T) {
	t.Parallel()
	app, _, _, _ := product(t, nil)
	other, err := sql.Open("sqlite", filepath.Join(app.Dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	ask := func(status int, body string) {
		t.Helper()
		for _, prefix := range v1.Prefixes() {
			if res := app.Do("GET", prefix+"/health/ready", "", nil); res.Status != status || string(res.Body) != body {
				t.Errorf("%s/health/ready: %d %s, want %d %s", prefix, res.Status, res.Body, status, body)
			}
			if status != http.StatusOK {
				break // each takes as long as the database may be waited for
			}
		}
	}
	ask(http.StatusOK, `{"status":"ok"}`)
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ask(http.StatusServiceUnavailable, `{"detail":"The database cannot be written"}`)
	if res := app.Do("GET", "/health", "", nil); res.Status != http.StatusOK {
		t.Errorf("health: %d", res.Status)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	ask(http.StatusOK, `{"status":"ok"}`)
}
