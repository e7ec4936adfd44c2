package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddress is the longest e-mail address that can be delivered to, in bytes.
const maxAddress = 254

// Normalise returns the one spelling under which an address is stored and
// compared: trimmed and in lower case. It refuses what could not be an address
// or could reach beyond one in a mail header. Names without a dot and private
// names such as pi.local are fine.
func Normalise(address string) (string, error) {
	s := strings.ToLower(strings.TrimSpace(address))
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || len(s) > maxAddress || !utf8.ValidString(s) || strings.ContainsFunc(s, barred) ||
		strings.Contains(domain, "@") || strings.Contains(domain, "..") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", errAddressShape
	}
	return s, nil
}

// barred are the characters of an address that are quoted, or not there at all.
func barred(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>()[]\,;:"`, r)
}
