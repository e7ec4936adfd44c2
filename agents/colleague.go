package agents

import (
	"fmt"
	"strings"
)

// maxColleagues bounds how many a prompt introduces.
const maxColleagues = 20

// HandOver tells a model, as lines of its instructions, who else is in Team Chat
// and how to hand over to them; "" when there is nobody.
func (t Turn) HandOver() string {
	if len(t.Colleagues) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("- To hand over to a colleague, write @ and the key in your reply and say what they should do; they answer next. " +
		"Do so only when the work is theirs, and name people without the @ otherwise. Your colleagues:\n")
	for _, tm := range t.Colleagues[:min(len(t.Colleagues), maxColleagues)] {
		about := strings.Join(strings.Fields(tm.Role+". "+tm.Description), " ")
		fmt.Fprintf(&b, "  - @%s: %s, %s\n", tm.Key, strings.Join(strings.Fields(tm.Name), " "), strings.TrimPrefix(about, ". "))
	}
	return b.String()
}
