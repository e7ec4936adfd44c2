package identity

import (
	"net/url"
	"strings"
	"testing"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	const home = "http://pi.local:8000"
	r, err := newRedirects(home, []string{"tmates://**", "https://app.example.com/**", "https://*.team.example/cb", "http://127.0.0.1:*/cb"})
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{
		"http://pi.local:8000", "http://pi.local:8000/", "http://PI.local:8000/reset?x=1", "tmates://login", "tmates://a/b?c=d",
		"https://app.example.com/", "https://app.example.com/deep/page", "https://blue.team.example/cb", "http://127.0.0.1:3000/cb",
	} {
		if got := r.target(wanted); got != wanted {
			t.Errorf("%s leads to %s", wanted, got)
		}
	}
	if got := r.target("http://pi.local:8000/page#fragment"); got != "http://pi.local:8000/page" {
		t.Errorf("the fragment stays: %s", got)
	}
	for _, wanted := range []string{
		"", "/page", "page", "//evil.example", `\\evil.example`, `http:\\evil.example`, "http:evil.example", "http:///evil.example",
		"https://pi.local:8000/", "http://pi.local/", "http://pi.local:8001/", "http://pi.local.:8000/", "http://xpi.local:8000/",
		"http://pi.local:8000@evil.example/", "http://user@pi.local:8000/", "http://user:x@pi.local:8000/", `http://pi.local:8000\@evil.example/`,
		"http://pi.local:8000.evil.example/", "http://evil.example/?http://pi.local:8000", "http://evil.example#http://pi.local:8000/",
		"http://2130706433:8000/", "http://0x7f000001/cb", "http://192.168.1.4:8000/", "http://127.0.0.1:3000/other", "http://localhost:3000/cb",
		"javascript:alert(1)", "javascript://pi.local:8000/%0aalert(1)", "data:text/html,x", "vbscript://x", "file:///etc/passwd",
		"http://pi.local:8000/a b", "http://pi.local:8000/\r\nSet-Cookie: x", "http://pi.local:8000/\x00", " http://pi.local:8000/", "http://рi.local:8000/",
		"https://app.example.com.evil.example/x", "https://evil.example/app.example.com/", "https://a.b.team.example/cb", "https://evil.example/.team.example/cb",
		"https://app.example.com:444/x", "https://x@app.example.com/x", "https://blue.team.example/cb/more", "http://127.0.0.1:x@evil.example/cb",
		"TMATES://login", "xtmates://login", "http://[::1", "%",
	} {
		if got := r.target(wanted); got != home {
			t.Errorf("%q leads to %s", wanted, got)
		}
	}
}

// While the server is on this machine only, so are its links, at any port.
func TestRedirectsOnLoopback(t *testing.T) {
	t.Parallel()
	r, err := newRedirects("http://127.0.0.1:8000", nil)
	if err != nil {
		t.Fatal(err)
	}
	for wanted, want := range map[string]string{
		"http://127.0.0.1:3000/cb": "http://127.0.0.1:3000/cb", "http://localhost:5173/": "http://localhost:5173/", "http://[::1]:1/": "http://[::1]:1/",
		"https://127.0.0.1:3000/": r.home, "http://127.0.0.1.evil.example/": r.home, "http://localhost.:1/": r.home, "http://192.168.1.4:8000/": r.home,
		"tmates://x": r.home,
	} {
		if got := r.target(wanted); got != want {
			t.Errorf("%s leads to %s", wanted, got)
		}
	}
}

func FuzzRedirect(f *testing.F) {
	r, err := newRedirects("http://pi.local:8000", []string{"https://*.team.example/**"})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"http://pi.local:8000/x", "https://a.team.example/x?y", `http://pi.local:8000\@evil`, "//evil", "javascript:x", "http://[::1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, wanted string) {
		got := r.target(wanted)
		u, err := url.Parse(got)
		if err != nil || u.User != nil || strings.ContainsAny(got, "\\# \r\n\t") {
			t.Fatalf("%q leads to %q", wanted, got)
		}
		own := u.Scheme == "http" && strings.EqualFold(u.Host, "pi.local:8000")
		if team := u.Scheme == "https" && strings.HasSuffix(u.Host, ".team.example"); !own && !team {
			t.Fatalf("%q leads to %q", wanted, got)
		}
	})
}
