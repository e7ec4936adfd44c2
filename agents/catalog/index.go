package catalog

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of an index.
const (
	maxIndex   = 4 << 20 // bytes
	maxEntries = 5000
	maxOffers  = 200  // tmates taken from one catalog
	maxText    = 2000 // bytes of a text of an entry
	maxName    = 100  // code points
	maxErrors  = 50   // reported for one look at the catalog
	maxReport  = 500  // bytes of one of them
)

// What an entry's status may be. Only published ones are offered.
const (
	statusPublished = "published"
	statusRetired   = "retired"
)

// entry is one version of one tmate in an index.
type entry struct {
	Key                string          `json:"key"`
	Version            string          `json:"version"`
	Name               string          `json:"name,omitempty"`
	Description        string          `json:"description,omitempty"`
	Icon               string          `json:"icon,omitempty"`
	Category           string          `json:"category,omitempty"`
	Status             string          `json:"status"`
	Channel            string          `json:"channel,omitempty"`
	Audience           json.RawMessage `json:"audience,omitempty"`
	Manifest           json.RawMessage `json:"manifest,omitempty"`
	BundleURL          string          `json:"bundle_url,omitempty"`
	BundleChecksum     string          `json:"bundle_checksum,omitempty"`
	BundleSignature    string          `json:"bundle_signature,omitempty"`
	SignatureAlgorithm string          `json:"signature_algorithm,omitempty"`
	PublishedAt        string          `json:"published_at,omitempty"`
}

// index is what a catalog offers on one channel.
type index struct {
	offers []entry         // the newest of each key, sorted by key
	faulty map[string]bool // keys with an entry that cannot be read
	doubt  bool            // an entry cannot be read so far that its key is unknown
	errors []string
}

// decodeIndex reads an index. Entries that make no sense are errors of the
// result; the error is about the index as a whole and of kind Unavailable.
func decodeIndex(data []byte, channel string) (index, error) {
	var raws []json.RawMessage
	d := json.NewDecoder(bytes.NewReader(data))
	switch err := d.Decode(&raws); {
	case !utf8.Valid(data):
		return index{}, unusable(nil, "it is not UTF-8 text")
	case err != nil || raws == nil:
		return index{}, unusable(err, "it is not a JSON list of entries")
	case len(raws) > maxEntries:
		return index{}, unusable(nil, fmt.Sprintf("it has more than %d entries", maxEntries))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return index{}, unusable(nil, "there is more after the list of entries")
	}
	x := index{faulty: map[string]bool{}}
	newest, seen := map[string]entry{}, map[string]bool{}
	for i, raw := range raws {
		e, err := decodeEntry(raw)
		if err == nil {
			id, _, _ := strings.Cut(e.Key+" "+e.Version, "+") // what follows a + makes no other version
			if seen[id] {
				err = errors.New("this version of this tmate stands in the index twice")
			}
			seen[id] = true
		}
		switch {
		case err != nil:
			x.fault(i, e, err)
		case e.Status != statusPublished || e.Channel != "" && e.Channel != channel:
		default:
			if old, ok := newest[e.Key]; !ok || compareVersions(e.Version, old.Version) > 0 {
				newest[e.Key] = e
			}
		}
	}
	x.offers = slices.SortedFunc(maps.Values(newest), func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	if len(x.offers) > maxOffers {
		x.report(fmt.Sprintf("more than %d tmates are on offer: %s and what follows is left out", maxOffers, x.offers[maxOffers].Key))
		x.offers = x.offers[:maxOffers]
	}
	return x, nil
}

// fault notes what is wrong with the i-th entry.
func (x *index) fault(i int, e entry, err error) {
	if tmates.ValidKey(e.Key) {
		x.faulty[e.Key] = true
	} else {
		x.doubt = true
	}
	who := fmt.Sprintf("entry %d", i+1)
	if about := strings.TrimSpace(e.Key + " " + e.Version); about != "" {
		who += " (" + strings.Trim(quote(about), `"`) + ")"
	}
	x.report(who + ": " + err.Error())
}

func (x *index) report(text string) {
	if len(x.errors) < maxErrors {
		if len(text) > maxReport {
			text = strings.ToValidUTF8(text[:maxReport], "") + "…"
		}
		x.errors = append(x.errors, text)
	}
}

// decodeEntry reads one entry. The error names the field; the entry then holds
// what could be read.
func decodeEntry(raw json.RawMessage) (entry, error) {
	var e entry
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		var about struct { // who it is, at least
			Key     any `json:"key"`
			Version any `json:"version"`
		}
		_ = json.Unmarshal(raw, &about) // it may well be no object
		e.Key, _ = about.Key.(string)
		e.Version, _ = about.Version.(string)
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			if wrong.Field == "" {
				return e, errors.New("it must be an object")
			}
			return e, fmt.Errorf("%s must be text, not %s", wrong.Field, wrong.Value)
		}
		return e, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	e.Audience, e.Manifest = orAbsent(e.Audience), orAbsent(e.Manifest)
	e.BundleChecksum, e.Name = strings.ToLower(e.BundleChecksum), strings.Join(strings.Fields(e.Name), " ")
	e.Status, e.Channel = cmp.Or(e.Status, "draft"), canonicalChannel(e.Channel)
	return e, e.check()
}

// orAbsent makes JSON's null the same as nothing.
func orAbsent(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// canonicalChannel spells a channel as the configuration does.
func canonicalChannel(s string) string {
	if s == "production" {
		return "prod"
	}
	return s
}

// check reports the first field that is wrong.
func (e entry) check() error {
	for _, f := range []struct{ name, value string }{
		{"version", e.Version}, {"name", e.Name}, {"description", e.Description}, {"icon", e.Icon}, {"category", e.Category},
		{"bundle_url", e.BundleURL}, {"bundle_signature", e.BundleSignature}, {"signature_algorithm", e.SignatureAlgorithm},
	} {
		if len(f.value) > maxText || strings.ContainsFunc(f.value, unicode.IsControl) {
			return fmt.Errorf("%s must be at most %d bytes without control characters", f.name, maxText)
		}
	}
	switch {
	case !tmates.ValidKey(e.Key):
		return errors.New("key must be a lower-case letter, then at most 63 of a-z, 0-9, _ and -")
	case !validVersion(e.Version):
		return errors.New("version must be a semantic version, as in 1.2.0")
	case !slices.Contains([]string{"draft", "staged", statusPublished, statusRetired}, e.Status):
		return errors.New("status must be draft, staged, published or retired")
	case e.Channel != "" && e.Channel != "dev" && e.Channel != "prod":
		return errors.New("channel must be dev or prod")
	case utf8.RuneCountInString(e.Name) > maxName:
		return fmt.Errorf("name must be at most %d characters", maxName)
	case len(e.Manifest) > 0 && e.Manifest[0] != '{':
		return errors.New("manifest must be an object")
	case e.BundleURL == "" && e.Manifest == nil:
		return errors.New("bundle_url or manifest is missing")
	case e.BundleURL != "" && !checksumPattern().MatchString(e.BundleChecksum):
		return errors.New("bundle_checksum must be the SHA-256 of the bundle, 64 hexadecimal digits")
	}
	if e.PublishedAt != "" {
		if _, err := time.Parse(time.RFC3339, e.PublishedAt); err != nil {
			return errors.New("published_at must be a time, as in 2026-11-22T12:00:00Z")
		}
	}
	_, err := allowList(e.audience())
	return err
}

// audience returns what the entry says about who may see it; nil: nothing.
func (e entry) audience() (v any) {
	if e.Audience != nil {
		_ = json.Unmarshal(e.Audience, &v) // it was decoded as JSON before
	}
	return v
}

// allowList returns the organisations an audience names; none means everybody.
// What cannot be understood must not open a tmate to everybody.
func allowList(audience any) ([]string, error) {
	if audience == nil {
		return nil, nil
	}
	m, ok := audience.(map[string]any)
	if !ok {
		return nil, errors.New("audience must be an object")
	}
	var all []string
	for _, name := range []string{"organization_allowlist", "org_allow_list"} {
		if m[name] == nil {
			continue
		}
		list, ok := m[name].([]any)
		if !ok {
			return nil, fmt.Errorf("audience.%s must be a list of texts", name)
		}
		for _, item := range list {
			id, ok := item.(string)
			if id = strings.TrimSpace(id); !ok || id == "" {
				return nil, fmt.Errorf("audience.%s must be a list of texts", name)
			}
			all = append(all, id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name != "organization_allowlist" && name != "org_allow_list" && strings.Contains(name, "allow") {
			return nil, fmt.Errorf("audience.%s is unknown: the list is called organization_allowlist", name)
		}
	}
	return all, nil
}

func unusable(err error, why string) error {
	return tmates.E(tmates.Unavailable, "catalog_unusable", err, "The catalog's index cannot be used: %s", why)
}
