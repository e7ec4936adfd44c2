package reading

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

var (
	// unseen elements have no text for people.
	unseen = []string{"script", "style", "template", "noscript", "iframe", "svg", "math", "head"}
	// breaking elements begin a line of their own.
	breaking = []string{
		"address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
		"h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section", "table", "title", "tr", "ul",
	}
)

// page writes what a reader of an HTML page sees. It looks at one token after
// the other, so that a page that is nested without end costs no more than its
// length; an element that is never closed hides at most the rest.
func page(source string, out *limited) {
	z := html.NewTokenizer(strings.NewReader(source))
	hidden, depth := "", 0 // the unseen element that is open, and how often
	for !out.full {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return
		case html.TextToken:
			if hidden == "" {
				out.add(joined(string(z.Text())))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw, _ := z.TagName()
			name := string(raw)
			switch {
			case name == hidden && kind == html.StartTagToken:
				depth++
			case name == hidden && kind == html.EndTagToken:
				if depth--; depth == 0 {
					hidden = ""
				}
			case hidden != "":
			case kind == html.StartTagToken && slices.Contains(unseen, name):
				hidden, depth = name, 1
			case slices.Contains(breaking, name):
				out.add("\n")
			case (name == "td" || name == "th") && kind == html.EndTagToken:
				out.add("\t")
			}
		}
	}
}

// joined makes one blank of several, as a browser does.
func joined(s string) string {
	words := strings.Join(strings.Fields(s), " ")
	switch {
	case s == "":
		return ""
	case words == "":
		return " "
	}
	if strings.TrimLeft(s[:1], " \t\r\n") == "" {
		words = " " + words
	}
	if strings.TrimRight(s[len(s)-1:], " \t\r\n") == "" {
		words += " "
	}
	return words
}
