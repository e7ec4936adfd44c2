package dispatch

import "strings"

// The words below are folded (see fold). They cover English and German, and what
// is short and common in French, Spanish and Italian: a word that is missing
// makes a choice undecided, not wrong.

// set makes a set of words.
func set(words ...string) map[string]bool {
	all := map[string]bool{}
	for _, list := range words {
		for w := range strings.FieldsSeq(list) {
			all[w] = true
		}
	}
	return all
}

var (
	// ands join names.
	ands = set("and und et y e plus or oder ou o with mit")

	// greetings stand before the name of whom they are said to.
	greetings = set(
		"hi hey hello hallo hullo yo dear thanks thank you ok okay please sorry welcome bye well morning afternoon evening night work job",
		"moin servus danke bitte liebe lieber guten morgen tag abend tschuss",
		"bonjour salut merci cher chere hola gracias querido querida ciao grazie caro cara",
	)

	// collective are the words of a greeting to everybody.
	collective = set(
		"hi hey hello hallo yo good morning afternoon evening night day everyone everybody all team folks there people guys welcome bye",
		"moin servus guten morgen tag abend zusammen alle leute an euch to the",
		"bonjour salut tous tout le monde a bonsoir hola buenos dias buenas tardes equipo todos ciao",
	)

	// asks stand before the name of whom something is wanted.
	asks = set(
		"ask tell let have can could should would will does get might may",
		"frag frage sag bitte kann konnte soll sollte lass demande peut pregunta puede",
	)

	// reports follow a name that is only talked about.
	reports = set(
		"is was has had said says wrote did told thinks thought sent made knows does",
		"ist war hat sagt sagte schrieb meint est a dit es ha dice",
	)

	// ordinary are names that are also words of the language. In lower case, or as
	// the first word without a comma, they are taken for the word.
	ordinary = set(
		"will mark may june april august summer grace hope rose joy art bill sue pat dawn rob frank guy chance faith ace jack max",
		"olive ivy iris lily daisy ruby amber pearl violet jade robin star sky river sunny lance miles drew chase dean earl king",
		"page ray rich sandy stone victor wade harmony melody penny patience sage scout news numbers mail clock coach editor",
		"art mai nova sol luz blanche claire ernst mut ella",
	)

	// leaning are first words of a text that goes on with what was said before.
	leaning = set(
		"and but also or so then thanks thank thx ty ok okay yes no yeah yep nope sure great good nice perfect cool again more another",
		"really continue else same shorter longer better instead why how exactly right wow wonderful lovely",
		"und aber auch oder dann danke ja nein genau super toll prima nochmal nochmals warum wieso kurzer langer besser stattdessen",
		"et mais aussi merci oui non pourquoi encore parfait y pero tambien gracias si perfecto otra ma anche grazie perche ancora",
	)

	// backwards are words for what was said before.
	backwards = set(
		"it its that this them those these one ones they he she so both again before previous last above you your",
		"es das dies diese dieses dieser davon dazu daran damit ihn sie du dein nochmal vorige letzte oben",
		"ca cela celui celle toi eso esto lo la tu quello questo",
	)

	// onwards ask to go on.
	onwards = set("go continue carry proceed keep resume yes ok okay please more", "weiter weitermachen mach ja bitte continue continuez sigue continua avanti vai")

	// common are words of every text, longer than three letters.
	common = set(
		"this that with from what have your when they will would could should about there their which them then than some into also just like make",
		"made more over need only very please want know does doing here were been being after before other each every most much many such",
		"team tmate teammate teammates work works help helps keep keeps give gives take takes ready good time thing things",
		"eine einen einer eines nicht auch noch oder aber wenn dann wird sind haben kann mein dein sein ihre unser bitte",
		"pour avec dans vous nous mais para como pero sobre esta este",
	)
)

// Lengths, in words, up to which a text leans on what was said before.
const (
	longLean  = 12 // begins with a leaning word
	shortLean = 8  // holds a backward word
	bareLean  = 2  // anything: "in red", "on Friday?"
)

// leans weighs how much a text goes on with what was said before; 0: not at all.
func (s sentence) leans() float64 {
	n := len(s.tokens)
	switch {
	case n == 0:
		return leansLast // "…", "👍"
	case s.greets():
		return 0
	case n <= longLean && leaning[s.word(0)] && (s.word(0) != "how" && s.word(0) != "why" || n <= 3 || s.backward()):
		return leansLast
	case n <= shortLean && s.backward(), n <= bareLean:
		return aboutLast
	}
	return 0
}

func (s sentence) backward() bool {
	for _, t := range s.tokens {
		if backwards[t.word] && !t.quoted {
			return true
		}
	}
	return false
}

// greets reports whether a text is nothing but a greeting to everybody.
func (s sentence) greets() bool {
	for _, t := range s.tokens {
		if !collective[t.word] {
			return false
		}
	}
	return len(s.tokens) > 0
}

// goOn reports whether a text asks to go on, and no more.
func (s sentence) goOn() bool {
	return len(s.tokens) > 0 && len(s.tokens) <= 4 && onwards[s.word(0)]
}
