package tools

import (
	"strings"
	"testing"
)

func TestCalculate(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"1+2*3":           "= 7",
		"(1+2)*3":         "= 9",
		"0.1 + 0.2":       "= 0.3",
		"1/3":             "≈ 0.33333333333333333333",
		"1/3*3":           "= 1",
		"-2^2":            "= -4",
		"(-2)^2":          "= 4",
		"2^3^2":           "= 512",
		"2^-2":            "= 0.25",
		"2**10":           "= 1024",
		"10 - 4 - 3":      "= 3",
		"8/2/2":           "= 2",
		"200 + 5%":        "= 210",
		"200 - 5%":        "= 190",
		"200 * 5%":        "= 10",
		"200 + 5% * 2":    "= 200.1",
		"50%":             "= 0.5",
		"(10+10)%":        "= 0.2",
		"12 × 3 ÷ 4 − 1":  "= 8",
		".5 + 5.":         "= 5.5",
		"--1":             "= 1",
		"0^0":             "= 1",
		"1^10000":         "= 1",
		"2^100":           "= 1267650600228229401496703205376",
		"10^500":          "≈ 1e+500",
		"1/2^400":         "≈ 3.8725919148493182728e-121",
		"99999999999 * 1": "= 99999999999",
		"1/0":             "This cannot be worked out: nothing can be divided by zero.",
		"0^-1":            "This cannot be worked out: nothing can be divided by zero.",
		"9^9^9":           "This cannot be worked out: a power must be a whole number up to 10000.",
		"99^9999":         "This cannot be worked out: a number has too many digits.",
		"2^0.5":           "This cannot be worked out: a power must be a whole number up to 10000.",
		"":                `This cannot be worked out: a number is missing before "".`,
		"1+":              `This cannot be worked out: a number is missing before "".`,
		"1 2":             `This cannot be worked out: "2" is not expected here.`,
		"1,000 + 1":       `This cannot be worked out: ",000 + 1" is not expected here.`,
		"1.2.3":           `This cannot be worked out: a number is missing before "1.2.3".`,
		".":               `This cannot be worked out: a number is missing before ".".`,
		"(1":              "This cannot be worked out: a ) is missing.",
		"1)":              `This cannot be worked out: ")" is not expected here.`,
		"0x10":            "This cannot be worked out: numbers are decimal.",
		"12 x 7x2":        "= 168",
		"exec(1)":         `This cannot be worked out: a number is missing before "exec(1)".`,
		strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100): "This cannot be worked out: it is nested too deep.",
		strings.Repeat("-", 100) + "1":                            "This cannot be worked out: it is nested too deep.",
	} {
		value, problem := evaluate(expression)
		got := problem
		if problem == "" {
			got = shownValue(value)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", expression, got, want)
		}
	}
}

// No expression takes long or breaks the calculator.
func FuzzCalculate(f *testing.F) {
	for _, s := range []string{"1+2*3", "9^9^9", "(((", "5%%^2", "1/0", "2^10000*2^10000", "-.5^-9999", "1/7/7/7/7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxExpression {
			return
		}
		v, problem := evaluate(s)
		if (v == nil) == (problem == "") {
			t.Errorf("%q: %v, %q", s, v, problem)
		}
		if v != nil && len(shownValue(v)) > 2*maxDigits {
			t.Errorf("%q: %s", s, shownValue(v))
		}
	})
}
