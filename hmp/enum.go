package hmp

import "qmpmigrate/qapi"

// enum reads a value of an enumeration where a word stands for one.
func enum[T any](parse func(string) (T, bool), word string) (T, error) {
	value, ok := parse(word)
	if !ok {
		return value, qapi.Errorf("invalid parameter value: %s", word)
	}
	return value, nil
}

// names are the values of an enumeration as words.
func names[T ~string](values []T) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return words
}

// first completes the first argument of a command from a list of words.
func first(candidates []string) func(*call, []string) []string {
	return func(_ *call, words []string) []string {
		if len(words) == 1 {
			return candidates
		}
		return nil
	}
}
