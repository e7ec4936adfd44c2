package rules

import "testing"

func TestFilters(t *testing.T) {
	t.Parallel()
	tests := []struct{ filter, in, want string }{
		{"title", "buy milk.\nand eggs", "Buy milk"},
		{"title", "- milk\n- eggs", "Milk"},
		{"title", "## -5 degrees", "-5 degrees"},
		{"title", "wait...", "Wait..."},
		{"title", "éclair", "Éclair"},
		{"title", "", ""},
		{"lower", "ÄB", "äb"},
		{"upper", "äb", "ÄB"},
		{"trim", " “a b” ", "a b"},
		{"trim", "'.profile'?", ".profile"},
		{"trim", "\"Mia.\"!", "Mia"},
		{"first(5)", "12345", "12345"},
		{"first(5)", "123456", "1234…"},
		{"first(10)", "hello big world", "hello big…"},
		{"first(1)", "ab", "…"},
	}
	for _, tt := range tests {
		f, err := parseFilter(tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := f(tt.in); got != tt.want {
			t.Errorf("%s(%q) = %q, want %q", tt.filter, tt.in, got, tt.want)
		}
	}
}

func TestFilterChain(t *testing.T) {
	t.Parallel()
	tpl, err := parseTemplate("a{{{x|trim|title|first(4)}}}b", []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	got := tpl.fill(func(string) string { return ` "milky way" ` })
	if want := "a{Mil…}b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
