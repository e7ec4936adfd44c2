package agents

import "unicode/utf8"

// Tokens estimates how many tokens a model counts for a text, because every model
// counts in its own way and none tells before it is asked: a token for four ASCII
// bytes, for two other letters, and for each letter of the scripts from U+2E80 on,
// which is where Chinese and Japanese begin. Real counts are rarely more and
// rarely less than half.
func Tokens(text string) int {
	var ascii, letters, ideographs int
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			ascii++
		case r < 0x2e80:
			letters++
		default:
			ideographs++
		}
	}
	return (ascii+3)/4 + (letters+1)/2 + ideographs
}

// What a message costs besides its text, and what a picture does, in tokens.
const (
	messageTokens = 8
	imageTokens   = 1000
)

func (m Message) tokens() int {
	n := messageTokens + Tokens(m.Name) + Tokens(m.Text) + imageTokens*len(m.Images)
	for _, c := range m.Calls {
		n += Tokens(c.Name) + Tokens(string(c.Args))
	}
	return n
}

func tokensOf(messages []Message) (n int) {
	for _, m := range messages {
		n += m.tokens()
	}
	return n
}
