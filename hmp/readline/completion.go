package readline

import (
	"fmt"
	"slices"
	"strings"
)

// completion extends the word before the cursor as far as that is certain, and lists the candidates if there are several.
func (e *Editor) completion() {
	candidates, typed := e.complete(string(e.line[:e.cursor]))
	candidates = distinct(candidates)
	if len(candidates) == 0 {
		return
	}
	certain := candidates[0]
	for _, c := range candidates[1:] {
		certain = certain[:commonPrefix([]byte(certain), []byte(c))]
	}
	if typed < len(certain) {
		e.insert(certain[typed:])
	}
	if len(candidates) > 1 {
		e.list(candidates)
	} else if !strings.HasSuffix(certain, "/") && certain != "" {
		e.insert(" ")
	}
}

// distinct sorts candidates, and drops those that come twice and those that are too many.
func distinct(candidates []string) []string {
	var kept []string
	for _, c := range candidates {
		if len(kept) == maxCandidates {
			break
		}
		if !slices.Contains(kept, c) {
			kept = append(kept, c)
		}
	}
	slices.Sort(kept)
	return kept
}

// list writes candidates in columns, and the prompt below them.
func (e *Editor) list(candidates []string) {
	width := 0
	for _, c := range candidates {
		width = max(width, len(c))
	}
	width = min(max(width+2, 10), screenWidth)
	e.write("\r\n")
	perRow := screenWidth / width
	for row := range slices.Chunk(candidates, perRow) {
		for _, c := range row {
			e.write(fmt.Sprintf("%-*s", width, c))
		}
		e.write("\r\n")
	}
	e.write(e.prompt)
	e.shown = display{}
}
