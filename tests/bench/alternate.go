package main

// alternate measures two things in turns, so that whatever else the machine does meets both. The one that
// goes first changes every round: it may leave the other one warm memory.
func alternate[M any](rounds int, a, b func() (M, error)) (ofA, ofB []M, err error) {
	results, err := inTurns(rounds, a, b)
	return results[0], results[1], err
}

// inTurns is alternate for any number of things.
func inTurns[M any](rounds int, measures ...func() (M, error)) (results [][]M, err error) {
	results = make([][]M, len(measures))
	for round := range rounds {
		for i := range measures {
			i = (i + round) % len(measures)
			m, err := measures[i]()
			if err != nil {
				return results, err
			}
			results[i] = append(results[i], m)
		}
	}
	return results, nil
}
