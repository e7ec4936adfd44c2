package agents

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Small models that know no tool calls of their own print them as text, each
// family in its own dress: a bare JSON object or a list of them, one in a fence
// of Markdown, one between <tool_call> tags or after [TOOL_CALLS]. readCalls
// takes such text for what it is meant to be, as long as it names a tool of the
// turn; everything else stays text.

// maxHeld bounds the text that is held back to see whether it is a call, in
// bytes.
const maxHeld = 16 << 10

// callMarks begin a call wherever they stand.
var callMarks = []string{"<tool_call>", "<function_call>", "[TOOL_CALLS]", "<|python_tag|>"}

// callFences are the fences a call stands in when it begins an answer.
var callFences = []string{"```json", "```tool_call", "```tool_code", "```"}

// callKeys are what the first key of a printed call may be.
var callKeys = []string{"name", "tool", "tool_name", "function", "tool_calls", "type", "id", "arguments", "parameters"}

// undress drops what stands around printed calls.
var undress = strings.NewReplacer("<tool_call>", " ", "</tool_call>", " ", "<function_call>", " ", "</function_call>", " ",
	"[TOOL_CALLS]", " ", "<|python_tag|>", " ", "```json", " ", "```tool_call", " ", "```tool_code", " ", "```", " ")

// readCalls passes the parts of an answer to a turn on and turns printed calls
// into calls. Text is held back only while it may be one. What the turn says
// already is no call but a quotation: somebody's text must not make a tool run
// because a model repeats it.
func readCalls(parts iter.Seq2[Part, error], t Turn) iter.Seq2[Part, error] {
	if len(t.Tools) == 0 {
		return parts
	}
	return func(yield func(Part, error) bool) {
		r := callReader{turn: t, begin: true, line: true}
		native := false
		for part, err := range parts {
			if err != nil {
				if text := r.flush(); text != "" && !yield(Part{Text: text}, nil) {
					return
				}
				yield(Part{}, err)
				return
			}
			native = native || len(part.Calls) > 0
			part.Text = r.add(part.Text)
			if len(part.Calls) > 0 || part.Usage != nil {
				part.Text += r.end(&part, native)
			}
			if part.Text == "" && len(part.Calls) == 0 && part.Usage == nil {
				continue
			}
			if !yield(part, nil) {
				return
			}
		}
		var last Part
		if last.Text = r.end(&last, native); last.Text != "" || len(last.Calls) > 0 {
			yield(last, nil)
		}
	}
}

// callReader looks for printed calls in a stream of text.
type callReader struct {
	turn  Turn
	begin bool   // nothing but white space was let through
	line  bool   // what was let through ends a line, but for blanks
	held  string // may be a call
	given int    // calls that were found
}

// add takes a piece of text and returns what is certain to be no call.
func (r *callReader) add(text string) (out string) {
	r.held += text
	if len(r.held) > maxHeld {
		return r.flush()
	}
	for _, mark := range callMarks {
		if at := strings.Index(r.held, mark); at >= 0 {
			if !r.endsLine(r.held[:at]) { // in the middle of a sentence, or behind a sign of quotation
				return r.let(at+len(mark)) + r.add("")
			}
			return r.let(at)
		}
	}
	if r.begin && maybeCall(r.held) {
		return ""
	}
	return r.let(len(r.held) - tailOfMark(r.held))
}

// let gives the first n bytes of what is held.
func (r *callReader) let(n int) (out string) {
	out, r.held = r.held[:n], r.held[n:]
	r.begin = r.begin && strings.TrimSpace(out) == ""
	r.line = r.endsLine(out)
	return out
}

// endsLine reports whether a line ends with some more text, but for blanks.
func (r *callReader) endsLine(more string) bool {
	more = strings.TrimRight(more, " \t")
	return more == "" && r.line || strings.HasSuffix(more, "\n")
}

func (r *callReader) flush() (out string) { return r.let(len(r.held)) }

// maybeCall reports whether an answer that begins like this may be a call.
func maybeCall(s string) bool {
	s = strings.TrimSpace(s)
	for _, fence := range callFences {
		if strings.HasPrefix(fence, s) {
			return true
		}
		if inside, ok := strings.CutPrefix(s, fence); ok {
			s = strings.TrimSpace(inside)
			break
		}
	}
	if s == "" {
		return true
	}
	inside := strings.TrimLeft(s, "[{ \t\r\n")
	if inside == s {
		return false // no bracket
	}
	for _, key := range callKeys {
		if key = `"` + key + `"`; strings.HasPrefix(key, inside) || strings.HasPrefix(inside, key) {
			return true
		}
	}
	return false
}

// tailOfMark is how many bytes at the end may grow into a mark.
func tailOfMark(s string) int {
	for _, mark := range callMarks {
		for n := min(len(mark)-1, len(s)); n > 0; n-- {
			if strings.HasSuffix(s, mark[:n]) {
				return n
			}
		}
	}
	return 0
}

// end reads what is held when nothing more comes: calls go into the part, and
// what is none is given back as text. A model that made real calls printed
// nothing but text.
func (r *callReader) end(p *Part, native bool) string {
	text := r.flush()
	if native {
		return text
	}
	calls := r.parse(text)
	if len(calls) == 0 || r.quotes(text, calls) {
		return text
	}
	p.Calls = append(p.Calls, calls...)
	return ""
}

// quotes reports whether the turn says a printed call already, whatever the white
// space.
func (r *callReader) quotes(text string, calls []Call) bool {
	var said strings.Builder
	said.WriteString(r.turn.Summary)
	for _, fact := range r.turn.Memory {
		said.WriteString(fact)
	}
	for _, m := range r.turn.Messages {
		said.WriteString(m.Text)
	}
	known := squash(said.String())
	if strings.Contains(known, squash(undress.Replace(text))) {
		return true
	}
	return slices.ContainsFunc(calls, func(c Call) bool {
		args := squash(string(c.Args))
		return args != "{}" && strings.Contains(known, args)
	})
}

func squash(s string) string { return strings.Join(strings.Fields(s), "") }

// printed is a call as models print it.
type printed struct {
	Name       string          `json:"name"`
	Tool       string          `json:"tool"`
	ToolName   string          `json:"tool_name"`
	Function   json.RawMessage `json:"function"` // a name, or a call
	Arguments  json.RawMessage `json:"arguments"`
	Parameters json.RawMessage `json:"parameters"`
	Args       json.RawMessage `json:"args"`
	Input      json.RawMessage `json:"input"`
	ToolCalls  []printed       `json:"tool_calls"`
}

// parse reads calls of known tools; nil when the text holds anything else.
func (r *callReader) parse(text string) (calls []Call) {
	d := json.NewDecoder(strings.NewReader(undress.Replace(text)))
	for d.More() {
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			return nil
		}
		var several []printed
		if json.Unmarshal(raw, &several) != nil {
			var one printed
			if json.Unmarshal(raw, &one) != nil {
				return nil
			}
			several = []printed{one}
		}
		for _, p := range several {
			found := r.callsOf(p)
			if found == nil {
				return nil
			}
			calls = append(calls, found...)
		}
	}
	return calls
}

func (r *callReader) callsOf(p printed) (calls []Call) {
	if len(p.ToolCalls) > 0 {
		for _, inner := range p.ToolCalls {
			found := r.callsOf(inner)
			if found == nil {
				return nil
			}
			calls = append(calls, found...)
		}
		return calls
	}
	name, args := cmp.Or(p.Name, p.Tool, p.ToolName), firstRaw(p.Arguments, p.Parameters, p.Args, p.Input)
	if len(p.Function) > 0 {
		var inner printed
		if json.Unmarshal(p.Function, &name) != nil && json.Unmarshal(p.Function, &inner) == nil {
			name, args = inner.Name, firstRaw(inner.Arguments, inner.Parameters, args)
		}
	}
	if !slices.ContainsFunc(r.turn.Tools, func(t Tool) bool { return t.Name == name }) {
		return nil
	}
	var quoted string
	if json.Unmarshal(args, &quoted) == nil { // arguments as a text of JSON
		args = json.RawMessage(quoted)
	}
	r.given++
	return []Call{{ID: fmt.Sprintf("text_%d", r.given), Name: name, Args: args}}
}

func firstRaw(all ...json.RawMessage) json.RawMessage {
	for _, raw := range all {
		if len(raw) > 0 && string(raw) != "null" {
			return raw
		}
	}
	return json.RawMessage("{}")
}
