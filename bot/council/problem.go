package council

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxProblems bounds how many mistakes are told, so that a file of another kind does not flood a terminal.
const maxProblems = 50

// Problem is a mistake in a file, as an English line for the operator.
type Problem struct {
	Line, Column int // from 1
	Text         string
}

func (p Problem) String() string { return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Text) }

// Problems is the error of a file with mistakes: all of them in the order of the file, up to a bound.
type Problems struct {
	File string // its name, "" when it came from a reader
	List []Problem
	More int // mistakes that are not listed
}

func (e *Problems) Error() string {
	lines := make([]string, 0, len(e.List)+1)
	for _, p := range e.List {
		line := p.String()
		if e.File != "" {
			line = e.File + ":" + line
		}
		lines = append(lines, line)
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more mistakes", e.More))
	}
	return strings.Join(lines, "\n")
}

// sorted puts problems into the order of the file and cuts them to the bound.
func sorted(all []Problem) (list []Problem, more int) {
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if len(all) > maxProblems {
		return all[:maxProblems:maxProblems], len(all) - maxProblems
	}
	return all, 0
}
