package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

// shape returns the canonical spelling of a text, or what it must be. The error
// never repeats the text.
type shape func(string) (string, error)

// address is where a server listens: host:port, the host may be empty.
func address(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New("must be host:port, as in 127.0.0.1:8000")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", errors.New("must be host:port with a port between 0 and 65535")
	}
	return s, nil
}

// webURL is an http or https address without credentials, query or fragment.
func webURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", errors.New("must be an address that starts with http:// or https://")
	case u.User != nil:
		return "", errors.New("must not contain a user name or password")
	case strings.ContainsAny(s, "?#"):
		return "", errors.New("must not contain ? or #")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// indexURL is where a file is: on the web, or the absolute path of one here.
func indexURL(s string) (string, error) {
	if filepath.IsAbs(s) {
		return s, nil
	}
	if u, err := url.Parse(s); err == nil && u.Scheme == "file" && u.Host == "" && strings.HasPrefix(u.Path, "/") {
		return s, nil
	}
	_, err := webURL(s)
	if err != nil && strings.HasPrefix(err.Error(), "must be an address") {
		return "", errors.New("must be an address that starts with http://, https:// or file://, or an absolute path")
	}
	return s, err // as it is: a slash at its end counts
}

// origin is what browsers send as Origin: scheme and host, the port only when
// it is not the scheme's own. "*" stands for all.
func origin(s string) (string, error) {
	if s == "*" {
		return s, nil
	}
	wrong := errors.New("must be origins, as in https://app.example.com")
	canonical, err := webURL(s)
	if err != nil {
		return "", wrong
	}
	u, err := url.Parse(strings.ToLower(canonical))
	if err != nil || u.Path != "" {
		return "", wrong
	}
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Scheme + "://" + u.Host, nil
}

var redirectPattern = regexp.MustCompile(`^([a-z][a-z0-9+.-]*)://([^/\s\\@]*)(/[^\s\\]*)?$`)

// redirect is where a login link may lead: an address in which * and ** stand
// for text. In the host of a web address ** would stand for any host.
func redirect(s string) (string, error) {
	wrong := errors.New("must be addresses, as in https://app.example.com/** or tmates://**")
	part := redirectPattern.FindStringSubmatch(s)
	if part == nil {
		return "", wrong
	}
	if web := part[1] == "http" || part[1] == "https"; web && (part[2] == "" || strings.Contains(part[2], "**")) {
		return "", errors.New("must name the host of a web address without **, as in https://*.example.com/**")
	}
	return s, nil
}

// network is an address or a CIDR; the canonical form is a masked CIDR.
func network(s string) (string, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()).String(), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return "", errors.New("must be addresses or networks, as in 10.0.0.0/8")
	}
	return prefix.Masked().String(), nil
}

var hostPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$`)
})

// hostName is a name or an IP address, without a port.
func hostName(s string) (string, error) {
	if _, err := netip.ParseAddr(s); err == nil || hostPattern().MatchString(s) {
		return s, nil
	}
	return "", errors.New("must be a host name or address without a port")
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// mailbox is one RFC 5322 address, with or without a name.
func mailbox(s string) (string, error) {
	if _, err := mail.ParseAddress(s); err != nil {
		return "", errors.New("must be a mail address, as in Tmates <tmates@example.com>")
	}
	return s, nil
}

var providerPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`) })

// providerName allows what has exactly one spelling as part of a variable: a
// hyphen has none.
func providerName(s string) (string, error) {
	if !providerPattern().MatchString(s) {
		return "", errors.New("must be a provider's name: a lower-case letter, then at most 31 of a-z, 0-9 and _")
	}
	return s, nil
}

// providerNames is providerName for the entries of a list.
func providerNames(s string) (string, error) {
	if !providerPattern().MatchString(s) {
		return "", errors.New("must be names of providers: a lower-case letter, then at most 31 of a-z, 0-9 and _")
	}
	return s, nil
}

// effort is how hard a model thinks.
func effort(s string) (string, error) {
	if s = strings.ToLower(s); s != "low" && s != "medium" && s != "high" {
		return "", errors.New("must be low, medium or high")
	}
	return s, nil
}

var apiVersionPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9.-]{1,40}$`) })

// apiVersion is a version of Azure's protocol.
func apiVersion(s string) (string, error) {
	if !apiVersionPattern().MatchString(s) {
		return "", errors.New("must be a version, as in 2025-03-01-preview")
	}
	return s, nil
}

// ollamaAddress makes an address of what Ollama takes for OLLAMA_HOST: a host, a
// port, both, or an address. A host that means "every interface" is this machine.
// What is no address comes back as it is, for the rule of the key to refuse.
func ollamaAddress(s string) string {
	scheme, rest, found := strings.Cut(strings.TrimSpace(s), "://")
	if !found {
		scheme, rest = "http", scheme
	}
	hostPort, path, _ := strings.Cut(rest, "/")
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil { // no port
		host, port = strings.Trim(hostPort, "[]"), ""
	}
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	switch {
	case port != "":
	case !found:
		port = "11434"
	case scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: path}
	if path != "" {
		u.Path = "/" + path
	}
	return u.String()
}

// tmateKey is the key of a tmate; capitals are lowered.
func tmateKey(s string) (string, error) {
	s = strings.ToLower(s)
	if !tmates.ValidKey(s) {
		return "", errors.New("must be keys of tmates: a letter, then at most 63 of a-z, 0-9, _ and -")
	}
	return s, nil
}

// planLimit is one limit of one plan, as in free.max_agents=15.
func planLimit(s string) (string, error) {
	o, err := tmates.ParseOverride(s)
	if err != nil {
		return "", err
	}
	return o.String(), nil
}

// rate is a line of the rate sheet, as in gpt-5-mini*=0.25/2.
func rate(s string) (string, error) {
	if _, err := tmates.ParseRate(s); err != nil {
		return "", err
	}
	return s, nil
}

// currency is what prices are in, as people write it.
func currency(s string) (string, error) {
	if utf8.RuneCountInString(s) > 8 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }) {
		return "", errors.New("must be a currency of at most 8 characters, as in USD")
	}
	return s, nil
}

// planKeys lists what a plan may be called.
func planKeys() (keys []string) {
	for _, p := range tmates.Plans() {
		keys = append(keys, p.Key)
	}
	return keys
}

var mediaTypePattern = regexp.MustCompile(`^(\*/\*|[a-z]+/(\*|[a-z0-9][a-z0-9.+_-]*))$`)

// fileType is a category of files, a media type, or all types of a kind.
// Capitals are lowered.
func fileType(s string) (string, error) {
	s = strings.ToLower(s)
	if slices.Contains(fileCategories, s) || mediaTypePattern.MatchString(s) {
		return s, nil
	}
	return "", errors.New("must be " + strings.Join(fileCategories, ", ") + " or media types, as in audio/mpeg or audio/*")
}

var fileCategories = []string{"images", "text", "pdf", "csv", "json", "office"}
