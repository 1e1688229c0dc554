package settings

import (
	"errors"
	"fmt"
	"math"

	"qmpmigrate/qapi/scalar"
)

func toBool(store func(bool)) setter {
	return func(name, value string) error {
		on, ok := scalar.Bool(value)
		if !ok {
			return fmt.Errorf("Parameter '%s' expects 'on' or 'off'", name)
		}
		store(on)
		return nil
	}
}

// number reads a number of at most top; what is wrong with one that is larger
// is named after its type in C.
func number(name, value string, top uint64, kind string) (uint64, error) {
	n, err := scalar.Uint(value)
	if err != nil {
		return 0, fmt.Errorf("Parameter '%s' expects uint64", name)
	}
	if n > top {
		return 0, fmt.Errorf("Parameter '%s' expects %s", name, kind)
	}
	return n, nil
}

func toUint8(to *uint8) setter {
	return func(name, value string) error {
		n, err := number(name, value, math.MaxUint8, "uint8_t")
		if err == nil {
			*to = uint8(n)
		}
		return err
	}
}

func toUint8Param(to **uint8) setter {
	return func(name, value string) error {
		n := new(uint8)
		err := toUint8(n)(name, value)
		if err == nil {
			*to = n
		}
		return err
	}
}

func toUint32(to **uint32) setter {
	return func(name, value string) error {
		n, err := number(name, value, math.MaxUint32, "uint32_t")
		if err == nil {
			*to = new(uint32(n))
		}
		return err
	}
}

func toUint64(to **uint64) setter {
	return func(name, value string) error {
		n, err := number(name, value, math.MaxUint64, "")
		if err == nil {
			*to = &n
		}
		return err
	}
}

// SizeError is a size that cannot be read. Its hints are lines of advice that
// a command line prints after it.
type SizeError struct{ Name string }

func (e *SizeError) Error() string {
	return fmt.Sprintf("Parameter '%s' expects a non-negative number below 2^64", e.Name)
}

// Hints are the lines of advice.
func (*SizeError) Hints() []string { return scalar.SizeHints() }

func toSize(to **uint64) setter {
	return func(name, value string) error {
		n, err := scalar.Size(value)
		switch {
		case errors.Is(err, scalar.ErrRange):
			return fmt.Errorf("Value '%s' is out of range for parameter '%s'", value, name)
		case err != nil:
			return &SizeError{name}
		}
		*to = &n
		return nil
	}
}

func toEnum[E ~string](to **E, parse func(string) (E, bool)) setter {
	return func(name, value string) error {
		e, ok := parse(value)
		if !ok {
			return fmt.Errorf("Parameter '%s' does not accept value '%s'", name, value)
		}
		*to = &e
		return nil
	}
}

func toText(to **string) setter {
	return func(_, value string) error {
		*to = &value
		return nil
	}
}
