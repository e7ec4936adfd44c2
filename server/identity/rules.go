package identity

import (
	_ "embed"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// rules decide which passwords are too easy to guess. There is no rule about
// kinds of characters: length and not being guessable is what counts.
type rules struct {
	min   int
	names []string // of this server
}

func newRules(p Policy, publicURL string) rules {
	r := rules{min: p.PasswordMin, names: []string{"tmates"}}
	if u, err := url.Parse(publicURL); err == nil {
		r.names = append(r.names, parts(u.Hostname())...)
	}
	return r
}

// reasons returns why a password is refused, or nil: "length", and "pwned" for
// one that is common or close to the address or the server's name.
func (r rules) reasons(password, email string) (why []string) {
	if utf8.RuneCountInString(password) < r.min {
		why = append(why, "length")
	}
	near := func(name string) bool { return closeTo(password, name) }
	if common(password) || slices.ContainsFunc(r.names, near) || slices.ContainsFunc(parts(email), near) {
		why = append(why, "pwned")
	}
	return why
}

// parts returns the names inside an address or a host name: the whole, what
// stands before the @, and every piece of three letters or more.
func parts(name string) []string {
	local, _, _ := strings.Cut(name, "@")
	pieces := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(append(pieces, name, local), func(s string) bool { return utf8.RuneCountInString(s) < 3 })
}

// padding is how many characters around a name still leave it guessable.
const padding = 6

// closeTo reports whether a password is a name with little around it:
// "tmates2026", "ada.lovelace1". Beside a very short name only digits are
// little, because three letters occur in many good passwords.
func closeTo(password, name string) bool {
	p, n := bare(password), bare(name)
	at := strings.Index(p, n)
	if n == "" || at < 0 {
		return false
	}
	rest := []rune(p[:at] + p[at+len(n):])
	if utf8.RuneCountInString(n) > 3 && len(rest) < padding {
		return true
	}
	return !slices.ContainsFunc(rest, func(r rune) bool { return !unicode.IsDigit(r) })
}

// bare keeps letters and digits, in lower case.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

//go:embed common.txt
var commonText string

// commonWords are the words common passwords are made of; see common.txt.
var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if !strings.HasPrefix(line, "#") {
			for w := range strings.FieldsSeq(line) {
				words[w] = true
			}
		}
	}
	return words
})

// longestCommon is the length of the longest common word.
const longestCommon = 16

// walks are what fingers do without thinking: along the alphabet, the rows and
// columns of common keyboards, and the keypad. They count in both directions.
var walks = func() string {
	rows := []string{
		"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm",
		"azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
		"qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "a1b2c3d4e5f6g7h8i9", "1a2b3c4d5e6f7g8h9i",
		"!@#$%^&*()", "147258369", "789456123", "741852963", "159357", "159753", "123654789", "13579", "24680", "112358132134",
		"qweasdzxc", "1a2s3d4f5g", "aqwzsxedc", "poiuytrewq",
	}
	var b strings.Builder
	for _, row := range rows {
		back := []rune(row)
		slices.Reverse(back)
		b.WriteString(row + "\n" + string(back) + "\n")
	}
	return b.String()
}()

// leet undoes the usual replacements of letters; the digit 1 stands for two.
var (
	leetI = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")
	leetL = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "l")
)

// What guessing a piece of a password costs, and the sum up to which it is
// common: three words, or a word and four signs.
const (
	pieceCost  = 2
	signCost   = 1
	commonCost = 6
)

// common reports whether a password is made of so few common pieces that lists
// of guesses begin with it: words, years and walks over the keyboard, runs of
// one sign, and a few digits or signs anywhere between.
func common(password string) bool {
	text := []rune(strings.ToLower(password))
	if len(text) == 0 {
		return true
	}
	// A short unit again and again: abcabcabc, 12121212.
	s := string(text)
	if i := strings.Index((s + s)[1:], s) + 1; i <= 4 && i < len(s) {
		return true
	}
	spelled := [3][]rune{text, []rune(leetI.Replace(s)), []rune(leetL.Replace(s))}
	const never = 1 << 20
	best := make([]int, len(text)+1) // best[i]: cost of the first i characters
	for i := range best[1:] {
		best[i+1] = never
	}
	for i, r := range text {
		if best[i] > commonCost {
			continue
		}
		pay := func(n, cost int) { best[i+n] = min(best[i+n], best[i]+cost) }
		if !unicode.IsLetter(r) {
			pay(1, signCost)
		}
		pay(run(text[i:]), signCost)
		for n := walk(text[i:]); n >= 3; n-- {
			pay(n, pieceCost)
		}
		if year(text[i:]) {
			pay(4, pieceCost)
		}
		for n := 3; n <= longestCommon && i+n <= len(text); n++ {
			for _, t := range spelled {
				if commonWords()[string(t[i:i+n])] {
					pay(n, pieceCost)
				}
			}
		}
	}
	return best[len(text)] <= commonCost
}

// run returns how often the first character is repeated; a single one is a run
// of one sign only when it is no letter.
func run(text []rune) int {
	n := 1
	for n < len(text) && text[n] == text[0] {
		n++
	}
	if n == 1 && unicode.IsLetter(text[0]) {
		return 0
	}
	return n
}

// walk returns the length of the longest walk at the start.
func walk(text []rune) int {
	n := 0
	for n < len(text) && strings.Contains(walks, string(text[:n+1])) && text[n] != '\n' {
		n++
	}
	return n
}

// year reports whether the text begins with a year people are born or live in.
func year(text []rune) bool {
	return len(text) >= 4 && (string(text[:2]) == "19" || string(text[:2]) == "20") && unicode.IsDigit(text[2]) && unicode.IsDigit(text[3])
}
