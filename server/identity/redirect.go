package identity

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// redirects decide where a link may lead: to the server's own address, and to
// what the operator listed. A session travels along, so whatever is doubtful
// leads home.
type redirects struct {
	site    *url.URL
	home    string
	allowed []*regexp.Regexp
}

// newRedirects reads the operator's patterns: ** is any text, * any text
// without . / : ? # and @.
func newRedirects(publicURL string, patterns []string) (r redirects, err error) {
	r.home = publicURL
	if r.site, err = url.Parse(publicURL); err != nil {
		return r, fmt.Errorf("read public URL: %w", err)
	}
	for _, p := range patterns {
		var b strings.Builder
		for p != "" {
			switch i := strings.IndexByte(p, '*'); {
			case i < 0:
				b.WriteString(regexp.QuoteMeta(p))
				p = ""
			case strings.HasPrefix(p[i:], "**"):
				b.WriteString(regexp.QuoteMeta(p[:i]) + ".*")
				p = p[i+2:]
			default:
				b.WriteString(regexp.QuoteMeta(p[:i]) + "[^./:?#@]*")
				p = p[i+1:]
			}
		}
		one, err := regexp.Compile("^" + b.String() + "$")
		if err != nil {
			return r, fmt.Errorf("read redirect pattern: %w", err)
		}
		r.allowed = append(r.allowed, one)
	}
	return r, nil
}

// maxRedirect bounds a target, in bytes.
const maxRedirect = 2048

// unsafeSchemes run what they carry where they are opened.
var unsafeSchemes = map[string]bool{"javascript": true, "data": true, "vbscript": true, "file": true, "blob": true, "about": true}

// target returns where a link leads that wants to go to wanted, without a
// fragment.
func (r redirects) target(wanted string) string {
	wanted, _, _ = strings.Cut(wanted, "#")
	if wanted == "" || len(wanted) > maxRedirect || strings.ContainsFunc(wanted, func(c rune) bool { return c <= ' ' || c == '\\' || c > '~' }) {
		return r.home // browsers read such addresses in their own ways
	}
	u, err := url.Parse(wanted)
	if err != nil || u.Scheme == "" || u.User != nil || u.Opaque != "" || unsafeSchemes[u.Scheme] {
		return r.home
	}
	if r.own(u) {
		return wanted
	}
	for _, p := range r.allowed {
		if p.MatchString(wanted) {
			return wanted
		}
	}
	return r.home
}

// own reports whether an address is the server's: the same scheme, host and
// port, or any port while both are this machine.
func (r redirects) own(u *url.URL) bool {
	if u.Scheme != r.site.Scheme || u.Host == "" {
		return false
	}
	if loopback(u.Hostname()) && loopback(r.site.Hostname()) {
		return true
	}
	return strings.EqualFold(u.Hostname(), r.site.Hostname()) && port(u) == port(r.site)
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

// port is the port of a web address, the scheme's own where none is written.
func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
