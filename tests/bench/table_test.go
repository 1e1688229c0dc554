package main

import "testing"

func TestMedian(t *testing.T) {
	same := func(v float64) float64 { return v }
	for _, tc := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{5, 100, 1}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(tc.values, same); got != tc.want {
			t.Errorf("median of %v is %v", tc.values, got)
		}
	}
}

func TestTable(t *testing.T) {
	result := table{title: "Speed", columns: []string{"channel", "", "a", "b"}}
	figures := []figure[startup]{
		{func(s startup) float64 { return s.greeting }, "%.0f"},
		{func(s startup) float64 { return s.resident }, "%.1f"},
	}
	compare(&result, []string{"tcp"}, [2]string{"x", "y"}, []startup{{10, 0}}, []startup{{25, 1.5}}, figures)
	const want = `### Speed

| channel |  | a | b |
| --- | --- | --- | --- |
| tcp | x | 10 | 0.0 |
| tcp | y | 25 | 1.5 |
| tcp | ratio | **2.50** | - |
`
	if got := result.markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
