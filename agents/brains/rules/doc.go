// Package rules is the brain of a tmate when no model is connected: a small
// YAML language of patterns and answers, compiled from bytes into an
// [agents.Brain].
//
// The brain is a pure function of the turn. It reads no clock but the turn's
// Now, rolls no dice, keeps nothing between two turns and asks nobody, so the same
// turn always gets the same answer. (The one thing it looks up is the person's
// time zone, in Go's time zone data.) What it asked a person for is read from the
// turn's messages again. It performs no tool itself: it names the call and phrases
// the result.
//
// # The file
//
//	rules:                          # read from the top to the first pattern that matches
//	  - name: pin                   # optional; shows in tests and in error messages
//	    match:                      # one pattern, or a list of which any may match
//	      - "[please] (pin|post) {text...}"
//	      - regex: '^(?P<text>.+) goes to the board$'
//	    when: {online: false}       # optional conditions
//	    call:                       # optional; the tool to use before answering, or a list of up to 5
//	      tool: create_pinboard_post
//	      args: {title: "{text|title|first(60)}", content_md: "{text}"}
//	    say: "{result}"             # one answer, or a list of variants
//	  - name: table
//	    intent:                     # instead of match, or beside it
//	      keywords: {table: 0.4, "(book|reserve)": 0.4, tonight: 0.2}
//	      threshold: 0.6
//	    slots:                      # what the rule needs to know
//	      day: {match: "* on {day}", ask: "For which day?"}
//	    call:
//	      - {tool: recall, args: {query: "{day}"}, as: notes}
//	      - {tool: remember, args: {fact: "A table on {day}"}}
//	    say: "{result} What I knew of that day: {notes}"
//	otherwise:                      # required; when no rule matches
//	  say: ["I can pin things.", "Try: pin buy milk"]
//
// Patterns belong in quotes, because [ { and * mean something else to YAML.
//
// # Patterns
//
// A pattern of words has to match the whole question. Case, punctuation and
// apostrophes do not count ("What's up?" is "whats up"). The tmate's own name
// in front of the question ("Adam, …", "hey adam …") is put aside first, and so is
// the line behind it that names attached files.
//
//	{name}         one word, up to the next white space
//	{name...}      one word or more, as they were written
//	(pin|put up)   one of these
//	[please|now]   one of these, or nothing
//	*              anything or nothing; only as the first or the last item
//
// A regex is RE2, ignores case, matches anywhere in the question, and its named
// groups become slots. Questions longer than 16 KiB match no pattern.
//
// # Intents and scores
//
// An intent matches by what is mentioned, wherever it stands. Each keyword (words,
// with (choices) and [options]) that is found adds its weight, 0.5 in a plain list;
// the sum, at most 1, is the score, and from the threshold on, 0.5 unless told, the
// rule matches.
//
// A pattern scores 1; 0.5 with a * in it, which has not seen the whole question;
// 0 when it asks for no word at all. The score of a rule sets another number.
//
// The file is read from the top to the first pattern that matches. Of the rules
// that matched until then the one with the best score answers, the higher one among
// equals. So the first pattern wins, unless an intent above it is surer. The score
// of the rule that answers is [Brain.Score]: a composite brain asks the model when
// it is low.
//
// # Slots
//
// A slot is bound by the patterns of the rule, or by its own match, which may be
// several and is tried on the question. One that is still missing is asked for with
// its ask, in the order of the file, before any call is made. The next message of
// the same person fills it: with what its match finds, else as a whole. "Never mind"
// and the like end the asking, and so does a message that is a fixed phrase of
// another rule ("help"). The ask may use {user}, {tmate} and the slots before it.
//
// Templates may use a slot that all patterns of the rule bind, that has an ask, or
// that is named by the condition has.
//
// # Calls
//
// Calls are made one after the other. {result} is the answer of the one before;
// as gives an answer a name for everything that follows.
//
// # Templates
//
// Answers, questions and arguments that are text are templates. {{ and }} stand for
// braces. The names are the slots of the rule and
//
//	{user}      name of the person          {tmate}   name of the tmate
//	{date}      "Sunday, 22 November 2026"  {time}    "09:05 CET", in the turn's time zone
//	{question}  the whole question          {facts}   what is remembered, as a list
//	{attached}  name of the first file      {result}  what the tool answered; only after a call
//
// with the filters lower, upper, trim (drops white space and quotes around the
// text and the punctuation at its end), title (first line without Markdown's
// marks, first letter raised, final full stop dropped) and first(n) (at most n
// characters, cut at a word).
//
// # Conditions
//
//	online: true         a model is connected
//	group: true          the thread is Team Chat
//	facts: true          the turn remembers at least one fact
//	attached: true       a file came with the message
//	has: [day]           the question fills these slots
//	weekday: [sat, sun]  today, in the person's time zone
//	hour: 9-17           from 9:00 to 16:59 there; 22-6 runs over midnight; may be a list
//
// The first four may be false as well. All that are named must hold.
//
// # Tests
//
// [Test] tries the questions of a manifest on the rules, with tools whose answers
// are written down in the test.
package rules
