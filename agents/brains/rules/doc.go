// Package rules is the brain of a tmate when no model is connected: a small
// YAML language of patterns and answers, compiled from bytes into an
// [agents.Brain].
//
// The brain is a pure function of the turn. It reads no clock but the turn's
// Now, rolls no dice, keeps nothing between two turns and asks nobody, so the same
// turn always gets the same answer. (The one thing it looks up is the person's
// time zone, in Go's time zone data.) It performs no tool itself: it names the
// call and phrases the result.
//
// # The file
//
//	rules:                          # the first match wins, top to bottom
//	  - name: pin                   # optional; shows in tests and in error messages
//	    match:                      # one pattern, or a list of which any may match
//	      - "[please] (pin|post) {text...}"
//	      - regex: '^(?P<text>.+) goes to the board$'
//	    when: {online: false}       # optional; online, group and facts, each true or false
//	    call:                       # optional; the tool to use before answering
//	      tool: create_pinboard_post
//	      args: {title: "{text|title|first(60)}", content_md: "{text}"}
//	    say: "{result}"             # one answer, or a list of variants
//	otherwise:                      # required; when no rule matches
//	  say: ["I can pin things.", "Try: pin buy milk"]
//
// Patterns belong in quotes, because [ { and * mean something else to YAML.
//
// # Patterns
//
// A pattern of words has to match the whole question. Case, punctuation and
// apostrophes do not count ("What's up?" is "whats up"). The tmate's own name
// in front of the question ("Adam, …", "hey adam …") is put aside first.
//
//	{name}         one word, up to the next white space
//	{name...}      one word or more, as they were written
//	(pin|put up)   one of these
//	[please|now]   one of these, or nothing
//	*              anything or nothing; only as the first or the last item
//
// A regex is RE2, ignores case, matches anywhere in the question, and its named
// groups become slots. Questions longer than 64 KiB match no pattern.
//
// # Templates
//
// Answers, and arguments that are text, are templates. {{ and }} stand for
// braces. The names are the slots of the rule (each of its patterns must have
// them) and
//
//	{user}      name of the person          {tmate}   name of the tmate
//	{date}      "Sunday, 22 November 2026"  {time}    "09:05 CET", in the turn's time zone
//	{question}  the whole question          {facts}   what is remembered, as a list
//	{result}    what the tool answered; only in the say of a rule with a call
//
// with the filters lower, upper, trim (drops white space and quotes around the
// text and the punctuation at its end), title (first line without Markdown's
// marks, first letter raised, final full stop dropped) and first(n) (at most n
// characters, cut at a word).
//
// # Conditions
//
// online: a model is connected. group: the thread is Team Chat. facts: the turn
// remembers at least one fact.
package rules
