package schema

import (
	"slices"
	"strings"
)

// nearNames is how many names are worth to be suggested.
const nearNames = 3

// Near gives those of the names that somebody may have meant by name, the
// nearest first.
func Near(name string, names []string) []string {
	type candidate struct {
		name string
		cost int
	}
	var found []candidate
	for _, n := range names {
		cost := distance(name, n)
		if len(name) > 2 && strings.Contains(n, name) {
			cost = min(cost, 2)
		}
		if cost <= max(2, len(name)/4) && cost < max(len(name), len(n)) {
			found = append(found, candidate{n, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.cost - b.cost })
	var near []string
	for _, c := range found[:min(len(found), nearNames)] {
		near = append(near, c.name)
	}
	return near
}

// DidYouMean words a suggestion; empty where there is none.
func DidYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(near, ", ") + "?"
}

// distance is how many letters must be put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
