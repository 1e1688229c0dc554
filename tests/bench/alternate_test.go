package main

import (
	"errors"
	"slices"
	"testing"
)

func TestAlternate(t *testing.T) {
	var order []string
	step := func(name string) func() (int, error) {
		return func() (int, error) {
			order = append(order, name)
			return len(order), nil
		}
	}
	a, b, err := alternate(3, step("a"), step("b"))
	if err != nil || !slices.Equal(order, []string{"a", "b", "b", "a", "a", "b"}) {
		t.Errorf("order is %v, %v", order, err)
	}
	if !slices.Equal(a, []int{1, 4, 5}) || !slices.Equal(b, []int{2, 3, 6}) {
		t.Errorf("results are %v and %v", a, b)
	}
	broken := errors.New("broken")
	order = nil
	if _, _, err := alternate(3, step("a"), func() (int, error) { return 0, broken }); !errors.Is(err, broken) || len(order) != 1 {
		t.Errorf("after %v: %v", order, err)
	}
}
