package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Bounds of reading from elsewhere.
const (
	fetchTime    = 30 * time.Second // for one file, from the first byte sent to the last received
	maxRedirects = 5
)

// fault is why something could not be fetched: why is for people and has no
// path and no address, err is for the log.
type fault struct {
	why string
	err error
}

func (f fault) Error() string {
	if f.err != nil {
		return f.why + ": " + f.err.Error()
	}
	return f.why
}

func (f fault) Unwrap() error { return f.err }

// reason is what people are told of an error.
func reason(err error) string {
	if f, ok := errors.AsType[fault](err); ok {
		return f.why
	}
	return err.Error()
}

// ParseURL reads the address of an index or a bundle: http, https, file, or the
// absolute path of a file.
func ParseURL(s string) (*url.URL, error) {
	if filepath.IsAbs(s) {
		p := filepath.ToSlash(s)
		if !strings.HasPrefix(p, "/") { // a drive letter
			p = "/" + p
		}
		return &url.URL{Scheme: "file", Path: p}, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("it is not an address")
	case isWeb(u) && u.Host != "" && u.User == nil, u.Scheme == "file" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		return u, nil
	}
	return nil, errors.New("it must start with http://, https:// or file://, without a user name, or be an absolute path")
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// resolve returns the address a reference in an index means. What came over the
// web must not name a file of this machine.
func resolve(base *url.URL, ref string) (*url.URL, error) {
	u, err := base.Parse(ref)
	if err != nil {
		return nil, errors.New("bundle_url is not an address")
	}
	if u, err = ParseURL(u.String()); err != nil {
		return nil, fmt.Errorf("bundle_url: %w", err)
	}
	if isWeb(base) && !isWeb(u) {
		return nil, errors.New("bundle_url must start with http:// or https://")
	}
	return u, nil
}

// fetcher reads files from the web and from this machine.
type fetcher struct {
	client *http.Client
	limit  time.Duration // for one file
}

func newFetcher() *fetcher {
	return &fetcher{limit: fetchTime, client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:  true, // a server that is idle holds no connection
			DisableCompression: true, // checksums are those of the bytes as they travel
		},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return fault{why: fmt.Sprintf("it was redirected more than %d times", maxRedirects)}
			case !isWeb(to.URL), via[0].URL.Scheme == "https" && to.URL.Scheme != "https":
				return fault{why: "it was redirected to a place that is not safe"}
			}
			return nil
		},
	}}
}

// fetched is a file that was read.
type fetched struct {
	data []byte
	etag string
	same bool // the server says that nothing changed since the ETag
}

// read reads the file at u, of at most most bytes. etag is that of an earlier
// answer, or empty.
func (f *fetcher) read(ctx context.Context, u *url.URL, most int64, etag string) (fetched, error) {
	if u.Scheme == "file" {
		data, err := readLocal(localPath(u), most)
		return fetched{data: data}, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return fetched{}, fault{"its address makes no sense", err}
	}
	req.Header.Set("User-Agent", "tmates")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := f.client.Do(req)
	if err != nil {
		return fetched{}, unreached(err)
	}
	defer func() { _ = res.Body.Close() }()
	switch {
	case res.StatusCode == http.StatusNotModified && etag != "":
		return fetched{etag: etag, same: true}, nil
	case res.StatusCode != http.StatusOK:
		return fetched{}, fault{why: fmt.Sprintf("its server answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))}
	case res.ContentLength > most:
		return fetched{}, tooLarge(most)
	}
	data, err := readBounded(res.Body, most)
	if err != nil {
		return fetched{}, unreached(err)
	}
	etag = res.Header.Get("ETag")
	if len(etag) > maxText {
		etag = ""
	}
	return fetched{data: data, etag: etag}, nil
}

// unreached says why a server could not be read.
func unreached(err error) error {
	if f, ok := errors.AsType[fault](err); ok {
		return f
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fault{"its server did not answer in time", err}
	}
	return fault{"its server could not be reached", err}
}

func tooLarge(most int64) error { return fault{why: fmt.Sprintf("it is larger than %d MiB", most>>20)} }

func readBounded(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, tooLarge(most)
	}
	return data, nil
}

// localPath is the path of a file URL on this machine.
func localPath(u *url.URL) string {
	p := u.Path
	if runtime.GOOS == "windows" {
		p = strings.TrimPrefix(p, "/")
	}
	return filepath.FromSlash(p)
}

// readLocal reads a regular file. Others are refused before they are opened:
// opening a pipe could wait for ever.
func readLocal(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault{"the file is not there", err}
	case err != nil:
		return nil, fault{"the file cannot be read", err}
	case !info.Mode().IsRegular():
		return nil, fault{why: "it is not a regular file"}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fault{"the file cannot be read", err}
	}
	defer func() { _ = file.Close() }()
	data, err := readBounded(file, most)
	if _, known := errors.AsType[fault](err); err != nil && !known {
		return nil, fault{"the file cannot be read", err}
	}
	return data, err
}

// FetchBundle reads the bundle at an address or in a file, for [Read]. The error
// says why it could not, without the address.
func FetchBundle(ctx context.Context, u *url.URL) ([]byte, error) {
	got, err := newFetcher().read(ctx, u, maxBundle, "")
	return got.data, err
}
