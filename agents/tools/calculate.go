package tools

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/tmates/tmates/agents"
)

// Bounds of a calculation: whatever is asked, it is over at once.
const (
	maxExpression = 1000 // bytes
	maxNesting    = 50   // parentheses and signs within each other
	maxBits       = 8000 // of a number on the way, above or below the line; 2,400 digits
	maxExponent   = 10000
	shownDigits   = 20 // after the point, where a result does not end
	maxDigits     = 400
)

func calculate() agents.Tool {
	type args struct {
		Expression string `json:"expression"`
	}
	return agents.Tool{
		Name:        "calculate",
		Description: "Work out an arithmetic expression exactly: + - * / ^ % and parentheses, as in (1250 + 19%) / 12.",
		Doing:       "Doing the sums",
		Risk:        agents.RiskNone,
		Schema: schema(`{"expression":{"type":"string",
			"description":"A point for decimals, no separators of thousands; 5% is 0.05, and 200 + 5% is 210"}}`, "expression"),
		Run: run(func(_ context.Context, a args) (string, error) {
			if len(a.Expression) > maxExpression {
				return fmt.Sprintf("The expression is longer than %d characters.", maxExpression), nil
			}
			value, problem := evaluate(a.Expression)
			if problem != "" {
				return problem, nil
			}
			return strings.TrimSpace(a.Expression) + " " + shownValue(value), nil
		}),
	}
}

// shownValue writes "= " and the number, or "≈ " and so many digits of it.
func shownValue(v *big.Rat) string {
	if v.IsInt() {
		if text := v.Num().String(); len(text) <= maxDigits {
			return "= " + text
		}
		return "≈ " + new(big.Float).SetPrec(128).SetRat(v).Text('g', shownDigits)
	}
	n, exact := v.FloatPrec()
	if digits := n + len(new(big.Int).Quo(v.Num(), v.Denom()).String()); exact && digits <= maxDigits {
		return "= " + v.FloatString(n)
	}
	return "≈ " + new(big.Float).SetPrec(128).SetRat(v).Text('g', shownDigits)
}

// evaluate works out an expression, or says what is wrong with it.
func evaluate(source string) (v *big.Rat, problem string) {
	c := &calculation{rest: strings.NewReplacer("×", "*", "·", "*", "÷", "/", "−", "-", "–", "-", "**", "^").Replace(source)}
	defer func() {
		if p := recover(); p != nil {
			fault, ok := p.(fault)
			if !ok {
				panic(p)
			}
			v, problem = nil, string(fault)
		}
	}()
	v = c.sum()
	if c.peek() != 0 {
		c.fail("%q is not expected here", c.rest)
	}
	return v, ""
}

// fault unwinds a calculation that cannot go on; its text is for the model.
type fault string

// calculation reads an expression from left to right: a sum of products of
// powers, one method for each.
type calculation struct {
	rest  string
	depth int
}

func (c *calculation) fail(format string, a ...any) {
	panic(fault("This cannot be worked out: " + fmt.Sprintf(format, a...) + "."))
}

// peek returns the next sign, 0 at the end.
func (c *calculation) peek() byte {
	c.rest = strings.TrimLeft(c.rest, " \t\r\n")
	if c.rest == "" {
		return 0
	}
	return c.rest[0]
}

func (c *calculation) take(sign byte) bool {
	if c.peek() != sign {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// bounded refuses numbers that would take for ever to print or go on with.
func (c *calculation) bounded(v *big.Rat) *big.Rat {
	if v.Num().BitLen() > maxBits || v.Denom().BitLen() > maxBits {
		c.fail("a number has too many digits")
	}
	return v
}

// sum adds and subtracts. A percentage there is one of what stands before it.
func (c *calculation) sum() *big.Rat {
	v, _ := c.product()
	for {
		add := new(big.Rat).Add
		switch {
		case c.take('+'):
		case c.take('-'):
			add = new(big.Rat).Sub
		default:
			return v
		}
		w, percent := c.product()
		if percent {
			w = new(big.Rat).Mul(v, w)
		}
		v = c.bounded(add(v, w))
	}
}

// product multiplies and divides; percent says that it is a single percentage.
func (c *calculation) product() (v *big.Rat, percent bool) {
	v, percent = c.signed()
	for {
		switch {
		case c.take('*'), c.take('x'):
			w, _ := c.signed()
			v = new(big.Rat).Mul(v, w)
		case c.take('/'):
			w, _ := c.signed()
			if w.Sign() == 0 {
				c.fail("nothing can be divided by zero")
			}
			v = new(big.Rat).Quo(v, w)
		default:
			return v, percent
		}
		v, percent = c.bounded(v), false
	}
}

// signed reads a sign, which binds less than a power: -2^2 is -4.
func (c *calculation) signed() (v *big.Rat, percent bool) {
	if c.depth++; c.depth > maxNesting {
		c.fail("it is nested too deep")
	}
	defer func() { c.depth-- }()
	switch {
	case c.take('-'):
		v, percent = c.signed()
		return new(big.Rat).Neg(v), percent
	case c.take('+'):
		return c.signed()
	}
	return c.power()
}

// power raises to a whole number; 2^3^2 is 2^9.
func (c *calculation) power() (v *big.Rat, percent bool) {
	v = c.operand()
	for c.take('%') {
		v, percent = new(big.Rat).Quo(v, big.NewRat(100, 1)), true
	}
	if !c.take('^') {
		return v, percent
	}
	w, _ := c.signed()
	if !w.IsInt() || !w.Num().IsInt64() || w.Num().CmpAbs(big.NewInt(maxExponent)) > 0 {
		c.fail("a power must be a whole number up to %d", maxExponent)
	}
	return c.raised(v, w.Num().Int64()), false
}

func (c *calculation) raised(v *big.Rat, n int64) *big.Rat {
	exponent := big.NewInt(max(n, -n))
	if size := int64(max(v.Num().BitLen(), v.Denom().BitLen())); v.Num().BitLen() > 1 || v.Denom().BitLen() > 1 {
		if size*exponent.Int64() > 2*maxBits {
			c.fail("a number has too many digits")
		}
	}
	num, denom := new(big.Int).Exp(v.Num(), exponent, nil), new(big.Int).Exp(v.Denom(), exponent, nil)
	if n < 0 {
		num, denom = denom, num
	}
	if denom.Sign() == 0 {
		c.fail("nothing can be divided by zero")
	}
	return c.bounded(new(big.Rat).SetFrac(num, denom))
}

// operand is a number or something in parentheses.
func (c *calculation) operand() *big.Rat {
	if c.take('(') {
		v := c.sum()
		if !c.take(')') {
			c.fail("a ) is missing")
		}
		return v
	}
	c.peek()
	n := 0
	for n < len(c.rest) && (c.rest[n] >= '0' && c.rest[n] <= '9' || c.rest[n] == '.') {
		n++
	}
	number := c.rest[:n]
	if strings.Count(number, ".") > 1 || strings.Trim(number, ".") == "" {
		c.fail("a number is missing before %q", c.rest)
	}
	if c.rest = c.rest[n:]; number == "0" && strings.HasPrefix(c.rest, "x") {
		c.fail("numbers are decimal")
	}
	v, ok := new(big.Rat).SetString("0" + number)
	if !ok {
		c.fail("%q is no number", number)
	}
	return v
}
