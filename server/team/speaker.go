package team

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// speakerHistory is how many messages before the new one the choice looks at.
const speakerHistory = 12

// chooseSpeaker picks the one tmate that answers a message in Team Chat, and
// says why. The choice is a pure function of its arguments; the roster is not
// empty. In this order: who is addressed as @key or by key or name; for a
// follow-up, who spoke last; whose manifest shares the most words with the
// text; the first of the roster.
func chooseSpeaker(text string, roster []*agents.Tmate, history []tmates.Message) (*agents.Tmate, string) {
	words := wordsOf(text)
	if tm := addressed(text, words, roster); tm != nil {
		return tm, "addressed"
	}
	last := lastSpeaker(roster, history)
	if last != nil && isFollowUp(words) {
		return last, "follow-up"
	}
	best, score := roster[0], 0
	for _, tm := range roster {
		if n := overlap(words, tm); n > score {
			best, score = tm, n
		}
	}
	if score > 0 {
		return best, "best match"
	}
	return best, "first on the team"
}

// wordsOf splits a text into lower-case words of letters and digits.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// addressed finds the tmate whose @key, key or name stands first in the text.
func addressed(text string, words []string, roster []*agents.Tmate) *agents.Tmate {
	lower := strings.ToLower(text)
	var found *agents.Tmate
	first := len(words) + 1
	for _, tm := range roster {
		// An explicit @key wins over any mention by name.
		if i := strings.Index(lower, "@"+tm.Key); i >= 0 && !continues(lower[i+1+len(tm.Key):]) {
			return tm
		}
		for _, name := range [][]string{wordsOf(tm.Key), wordsOf(tm.Name)} {
			if at := indexWords(words, name); at >= 0 && at < first {
				found, first = tm, at
			}
		}
	}
	return found
}

// continues reports whether a key goes on in the text, as "adam" does in
// "@adam-west".
func continues(rest string) bool {
	return rest != "" && (rest[0] == '-' || rest[0] == '_' || unicode.IsLetter(rune(rest[0])) || unicode.IsDigit(rune(rest[0])))
}

// indexWords finds a run of words.
func indexWords(words, run []string) int {
	if len(run) == 0 {
		return -1
	}
	for i := 0; i+len(run) <= len(words); i++ {
		if slices.Equal(words[i:i+len(run)], run) {
			return i
		}
	}
	return -1
}

// lastSpeaker returns the tmate of the roster that spoke last. A greeting is
// nobody's turn.
func lastSpeaker(roster []*agents.Tmate, history []tmates.Message) *agents.Tmate {
	for _, m := range slices.Backward(history) {
		key, _ := m.Payload["agent_key"].(string)
		if m.Role != tmates.MessageAssistant || m.Payload["onboarding"] == true {
			continue
		}
		for _, tm := range roster {
			if tm.Key == key {
				return tm
			}
		}
	}
	return nil
}

// followUps are words a follow-up begins with.
var followUps = []string{
	"and", "but", "also", "or", "so", "then", "why", "how", "it", "that", "this", "they", "them", "these", "those", "thanks", "thank",
	"ok", "okay", "yes", "no", "yeah", "sure", "great", "good", "nice", "again", "more", "another", "really", "continue", "go", "else", "same",
	"shorter", "longer", "better", "instead", "now",
}

// isFollowUp reports whether a text leans on what was said before: it begins
// like one, and is short.
func isFollowUp(words []string) bool {
	if len(words) == 0 || len(words) > 12 {
		return len(words) == 0
	}
	return slices.Contains(followUps, words[0])
}

// overlap counts what the text shares with a tmate's manifest. A keyword counts
// twice, because the author chose it for this.
func overlap(words []string, tm *agents.Tmate) (n int) {
	for _, k := range tm.Keywords {
		if indexWords(words, wordsOf(k)) >= 0 {
			n += 2
		}
	}
	said := map[string]bool{}
	for _, w := range words {
		if len(w) > 3 { // shorter ones are in every sentence
			said[w] = true
		}
	}
	for _, w := range wordsOf(strings.Join(tm.Capabilities, " ") + " " + tm.Description + " " + tm.Role) {
		if said[w] {
			n++
			delete(said, w)
		}
	}
	return n
}
