package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

// files measures large files that come and go, against a bare copy over loopback
// that is brought to the disk as well.
func (r *run) files(ctx context.Context) error {
	s := series{}
	server, err := r.serve(ctx, "files")
	if err != nil {
		return err
	}
	people, err := server.people(ctx, 1)
	if err != nil {
		return err
	}
	bare, err := r.helper(ctx, helperFloor)
	if err != nil {
		return err
	}
	url, err := bare.listening(ctx, server.http, "/health")
	if err != nil {
		return err
	}
	c := copying{person: people[0], bare: url + "/file", content: text(r.o.Sizes.File), s: s}
	before, err := server.settled(ctx, r.o.Sizes.Settle/5)
	if err != nil {
		return err
	}
	for range passes {
		for range r.o.Sizes.Files {
			if err := c.once(ctx); err != nil {
				return err
			}
		}
		if after, ok := server.usage(); ok {
			s.add("files.growth", float64(after.rss-before.rss)/1e6)
		}
	}
	what := fmt.Sprintf("%d MB, ", r.o.Sizes.File/1e6)
	r.figure(s, "files.up", what+"upload", "MB/s", "bare.up", "bare copy to the disk")
	r.figure(s, "files.down", what+"download", "MB/s", "bare.down", "bare copy")
	r.plain(s, "files.growth", what+"memory grows by", "MB")
	return nil
}

// text returns so many bytes of lines.
func text(size int64) []byte {
	line := []byte(rowText[:79] + "\n")
	return bytes.Repeat(line, int(size)/len(line)+1)[:size]
}

// copying sends a file up and down, and bare beside it.
type copying struct {
	person  *person
	bare    string // address of the file
	content []byte
	s       series
}

// once copies the file each way.
func (c *copying) once(ctx context.Context) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "measured.txt")
	if err == nil {
		_, err = part.Write(c.content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("make form: %w", err)
	}
	var kept struct {
		File struct {
			Path string `json:"relative_path"`
		} `json:"file"`
	}
	begun := time.Now()
	if err := c.person.send(ctx, http.MethodPost, "/v1/files/upload", w.FormDataContentType(), form.Bytes(), &kept); err != nil {
		return err
	}
	c.note("files.up", begun)
	begun = time.Now()
	if err := c.get(ctx, c.person.server.url+"/v1/files/download/"+kept.File.Path); err != nil {
		return err
	}
	c.note("files.down", begun)
	if err := c.person.do(ctx, http.MethodDelete, "/v1/files/"+kept.File.Path, nil, nil); err != nil {
		return err
	}
	begun = time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.bare, bytes.NewReader(c.content))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	res, err := c.person.server.http.Do(req)
	if err != nil {
		return fmt.Errorf("bare copy: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("bare copy: the answer is %s", res.Status)
	}
	c.note("bare.up", begun)
	begun = time.Now()
	if err := c.get(ctx, c.bare); err != nil {
		return err
	}
	c.note("bare.down", begun)
	return nil
}

// get reads a file and checks that all of it came.
func (c *copying) get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.person.token)
	res, err := c.person.server.http.Do(req)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && n != int64(len(c.content)) {
		err = fmt.Errorf("%d of %d bytes came (%s)", n, len(c.content), res.Status)
	}
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	return nil
}

func (c *copying) note(name string, begun time.Time) {
	c.s.add(name, float64(len(c.content))/1e6/time.Since(begun).Seconds())
}
