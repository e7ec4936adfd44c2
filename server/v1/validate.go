package v1

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxFaults bounds a 422 answer: faults echo what was sent.
const maxFaults = 100

// fault is one thing that is wrong with a request, in the shape upstream's
// framework gives it.
type fault struct {
	Type  string         `json:"type"`
	Loc   []any          `json:"loc"` // "body", "query" or "path", then names and indexes
	Msg   string         `json:"msg"`
	Input any            `json:"input"` // what was sent; the whole object when a field is missing
	Ctx   map[string]any `json:"ctx,omitempty"`
}

// invalid is the failure of validation: status 422.
type invalid []fault

// Error tells where the faults are, and nothing of what was sent.
func (v invalid) Error() string {
	where := make([]string, len(v))
	for i, f := range v {
		where[i] = fmt.Sprintf("%s at %v", f.Type, f.Loc)
	}
	return "invalid request: " + strings.Join(where, ", ")
}

// checker collects faults, so that one answer names them all.
type checker struct {
	faults invalid
}

// err returns the faults, or nil when there is none.
func (k *checker) err() error {
	if len(k.faults) == 0 {
		return nil
	}
	return k.faults
}

func (k *checker) add(loc []any, kind, msg string, input any, ctx map[string]any) {
	if len(k.faults) < maxFaults {
		k.faults = append(k.faults, fault{kind, loc, msg, input, ctx})
	}
}

// missing says that something required was not sent.
func (k *checker) missing(loc []any, whole any) {
	k.add(loc, "missing", "Field required", whole, nil)
}

// value says that a rule of ours does not hold.
func (k *checker) value(loc []any, input any, text string) {
	k.add(loc, "value_error", "Value error, "+text, input, map[string]any{"error": map[string]any{}})
}

// object returns the fields of a body that must be an object.
func (k *checker) object(b body) (f fields, ok bool) {
	return k.fields([]any{"body"}, b.value)
}

// fields returns the fields of a value that must be an object.
func (k *checker) fields(loc []any, v any) (f fields, ok bool) {
	if v == nil && len(loc) == 1 {
		k.missing(loc, nil)
		return f, false
	}
	in, ok := v.(map[string]any)
	if !ok {
		k.add(loc, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", v, nil)
	}
	return fields{k, loc, in}, ok
}

// texts returns a map whose values must all be texts.
func (k *checker) texts(loc []any, v any) map[string]string {
	in, ok := v.(map[string]any)
	switch {
	case v == nil && len(loc) == 1:
		k.missing(loc, nil)
		return nil
	case !ok:
		k.add(loc, "dict_type", "Input should be a valid dictionary", v, nil)
		return nil
	}
	out := make(map[string]string, len(in))
	for _, name := range sortedKeys(in) {
		if s, ok := in[name].(string); ok {
			out[name] = s
			continue
		}
		k.add(join(loc, name), "string_type", "Input should be a valid string", in[name], nil)
	}
	return out
}

// length checks a text's code points; most 0 means any.
func (k *checker) length(loc []any, s string, least, most int) {
	n := utf8.RuneCountInString(s)
	switch {
	case n < least:
		k.add(loc, "string_too_short", "String should have at least "+characters(least), s, map[string]any{"min_length": least})
	case most > 0 && n > most:
		k.add(loc, "string_too_long", "String should have at most "+characters(most), s, map[string]any{"max_length": most})
	}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return strconv.Itoa(n) + " characters"
}

// whole reads a whole number of a query within bounds.
func (k *checker) whole(loc []any, text string, least, most int64) int64 {
	n, err := strconv.ParseInt(trimZeroFraction(strings.TrimSpace(text)), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range is the largest or smallest number
		k.add(loc, "int_parsing", intParsing, text, nil)
		return 0
	}
	switch {
	case n < least:
		k.add(loc, "greater_than_equal", fmt.Sprintf("Input should be greater than or equal to %d", least), text, map[string]any{"ge": least})
	case n > most:
		k.add(loc, "less_than_equal", fmt.Sprintf("Input should be less than or equal to %d", most), text, map[string]any{"le": most})
	}
	return n
}

const intParsing = "Input should be a valid integer, unable to parse string as an integer"

// trimZeroFraction makes "5.00" the whole number it is.
func trimZeroFraction(s string) string {
	head, tail, found := strings.Cut(s, ".")
	if found && head != "" && tail != "" && strings.Trim(tail, "0") == "" {
		return head
	}
	return s
}

// fields reads the properties of one object. Properties nobody asks for are
// ignored.
type fields struct {
	k   *checker
	loc []any
	in  map[string]any
}

// at returns the place of a property. Every fault owns its slice.
func (f fields) at(name string) []any { return join(f.loc, name) }

func join(loc []any, part any) []any { return append(slices.Clone(loc), part) }

// sent reports whether a property has a value other than null.
func (f fields) sent(name string) bool { return f.in[name] != nil }

// required returns a text that must be there.
func (f fields) required(name string, least, most int) string {
	v, ok := f.in[name]
	if !ok {
		f.k.missing(f.at(name), f.in)
		return ""
	}
	return f.checked(name, v, least, most)
}

// text returns an optional text of at most so many code points; null and absent
// are the empty text.
func (f fields) text(name string, most int) string {
	if !f.sent(name) {
		return ""
	}
	return f.checked(name, f.in[name], 0, most)
}

func (f fields) checked(name string, v any, least, most int) string {
	s, ok := v.(string)
	if !ok {
		f.k.add(f.at(name), "string_type", "Input should be a valid string", v, nil)
		return ""
	}
	f.k.length(f.at(name), s, least, most)
	return s
}

// object returns an optional object; absent is empty, null is a fault.
func (f fields) object(name string) map[string]any {
	v, ok := f.in[name]
	if !ok {
		return map[string]any{}
	}
	object, ok := v.(map[string]any)
	if !ok {
		f.k.add(f.at(name), "dict_type", "Input should be a valid dictionary", v, nil)
	}
	return object
}

// list returns an optional list of at most so many entries; absent is empty,
// null is a fault.
func (f fields) list(name string, most int) []any {
	v, ok := f.in[name]
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	switch {
	case !ok:
		f.k.add(f.at(name), "list_type", "Input should be a valid list", v, nil)
	case len(list) > most:
		f.k.add(f.at(name), "too_long", fmt.Sprintf("List should have at most %d items after validation, not %d", most, len(list)), v,
			map[string]any{"field_type": "List", "max_length": most, "actual_length": len(list)})
		return nil
	}
	return list
}

// whole reads an optional whole number; nil when it was not sent or is none.
// One beyond 64 bits is the largest or smallest there is.
func (f fields) whole(name string) *int64 {
	var word string
	switch v := f.in[name].(type) {
	case nil:
		return nil
	case json.Number:
		n, err := v.Float64()
		if err != nil || n != math.Trunc(n) {
			f.k.add(f.at(name), "int_from_float", "Input should be a valid integer, got a number with a fractional part", v, nil)
			return nil
		}
		word = strconv.FormatFloat(n, 'f', -1, 64)
		if !strings.ContainsAny(v.String(), ".eE") {
			word = v.String() // exact
		}
	case string:
		word = trimZeroFraction(strings.TrimSpace(v))
	default:
		f.k.add(f.at(name), "int_type", "Input should be a valid integer", v, nil)
		return nil
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		f.k.add(f.at(name), "int_parsing", intParsing, f.in[name], nil)
		return nil
	}
	return &n
}

// number reads an optional finite number; nil when it was not sent or is none.
func (f fields) number(name string) *float64 {
	switch v := f.in[name].(type) {
	case nil:
	case json.Number:
		if n, err := v.Float64(); err == nil {
			return &n
		}
		f.k.add(f.at(name), "finite_number", "Input should be a finite number", v, nil)
	case string:
		if n, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return &n
		}
		f.k.add(f.at(name), "float_parsing", "Input should be a valid number, unable to parse string as a number", v, nil)
	default:
		f.k.add(f.at(name), "float_type", "Input should be a valid number", v, nil)
	}
	return nil
}

// truth reads an optional boolean as leniently as upstream does; nil when it
// was not sent.
func (f fields) truth(name string) *bool {
	var word string
	switch v := f.in[name].(type) {
	case nil:
		return nil
	case bool:
		return &v
	case json.Number:
		word = trimZeroFraction(v.String())
	case string:
		word = strings.ToLower(v)
	default:
		f.k.add(f.at(name), "bool_type", "Input should be a valid boolean", v, nil)
		return nil
	}
	yes := slices.Contains([]string{"true", "1", "yes", "on", "t", "y"}, word)
	if !yes && !slices.Contains([]string{"false", "0", "no", "off", "f", "n"}, word) {
		f.k.add(f.at(name), "bool_parsing", "Input should be a valid boolean, unable to interpret input", f.in[name], nil)
		return nil
	}
	return &yes
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
