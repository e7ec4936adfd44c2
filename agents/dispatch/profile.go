package dispatch

import (
	"regexp"
	"runtime"
	"strings"
	"sync"
	"weak"

	"github.com/tmates/tmates/agents"
)

// profile is what of a tmate a text is compared with, read once: a choice is made
// while everybody else waits to write.
type profile struct {
	names     []keyword // by which the tmate is called; the first is the key
	abilities []ability
	keywords  []keyword
	about     []token
}

type ability struct {
	weights  agents.Weights
	name     keyword
	keywords []keyword
	patterns []*regexp.Regexp
}

// keyword is a text with its runs of words.
type keyword struct {
	text string
	runs [][]string
}

// profiles holds one for each tmate that is alive. A tmate is never changed, and
// one that was read anew is another.
var profiles = struct {
	sync.Mutex
	of map[weak.Pointer[agents.Tmate]]*profile
}{of: map[weak.Pointer[agents.Tmate]]*profile{}}

func profileOf(tm *agents.Tmate) *profile {
	key := weak.Make(tm)
	profiles.Lock()
	defer profiles.Unlock()
	p := profiles.of[key]
	if p == nil {
		p = newProfile(tm)
		profiles.of[key] = p
		runtime.AddCleanup(tm, forget, key)
	}
	return p
}

func forget(key weak.Pointer[agents.Tmate]) {
	profiles.Lock()
	defer profiles.Unlock()
	delete(profiles.of, key)
}

func newProfile(tm *agents.Tmate) *profile {
	p := &profile{about: read(strings.Join(tm.Capabilities, " ") + " " + tm.Description + " " + tm.Role).tokens}
	for _, name := range append([]string{tm.Key, tm.Name}, tm.Team.Aliases...) {
		p.names = append(p.names, keywordOf(name))
	}
	for _, a := range tm.Abilities {
		known := ability{weights: a.Weights, name: keywordOf(strings.NewReplacer("_", " ", "-", " ").Replace(a.Name))}
		if known.weights == (agents.Weights{}) {
			known.weights = usual
		}
		for _, k := range a.Keywords {
			known.keywords = append(known.keywords, keywordOf(k))
		}
		for _, text := range a.Patterns {
			// One that cannot be read finds nothing: the registry refuses it with its line.
			if re, err := regexp.Compile("(?i)" + text); err == nil {
				known.patterns = append(known.patterns, re)
			}
		}
		p.abilities = append(p.abilities, known)
	}
	for _, k := range tm.Keywords {
		p.keywords = append(p.keywords, keywordOf(k))
	}
	return p
}

func keywordOf(text string) keyword { return keyword{text, runs(text)} }
