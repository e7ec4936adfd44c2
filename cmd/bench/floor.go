package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/labstack/echo/v4"
)

// floor is the least a server of this kind can be: the web library listens, a
// database is open, and a file can be put and got. It ends with ctx or its
// input.
func floor(ctx context.Context, dir string, in io.Reader, out io.Writer) (err error) {
	dir, err = os.MkdirTemp(dir, "floor-")
	if err != nil {
		return fmt.Errorf("create folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := openCommits(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	e := echo.New()
	e.HideBanner, e.HidePort, e.Listener = true, true, ln
	e.GET("/health", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	file := filepath.Join(dir, "file")
	e.PUT("/file", func(c echo.Context) error {
		if err := copyIn(file, c.Request().Body); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	e.GET("/file", func(c echo.Context) error { return c.File(file) })
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the process at the latest
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	stop := context.AfterFunc(ctx, func() { _ = e.Close() })
	defer stop()
	if _, err := fmt.Fprintln(out, "listening on: http://"+ln.Addr().String()); err != nil {
		return err
	}
	if err := e.Start(""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// copyIn writes a file as safely as an upload is kept: to the disk before it has
// its name.
func copyIn(file string, body io.Reader) (err error) {
	f, err := os.Create(file + ".part")
	if err != nil {
		return fmt.Errorf("create file: %w", err)
	}
	_, errCopy := io.Copy(f, body)
	if err := errors.Join(errCopy, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return os.Rename(file+".part", file)
}
