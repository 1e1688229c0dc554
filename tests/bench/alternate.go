package main

// alternate measures two things in turns, so that whatever else the machine does meets both. The one that
// goes first changes every round: it may leave the other one warm memory.
func alternate[M any](rounds int, a, b func() (M, error)) (ofA, ofB []M, err error) {
	measure := func(f func() (M, error), results *[]M) {
		if err != nil {
			return
		}
		var m M
		if m, err = f(); err == nil {
			*results = append(*results, m)
		}
	}
	for round := range rounds {
		if round%2 == 0 {
			measure(a, &ofA)
			measure(b, &ofB)
		} else {
			measure(b, &ofB)
			measure(a, &ofA)
		}
	}
	return ofA, ofB, err
}
