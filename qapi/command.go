package qapi

import (
	"context"

	"qmpmigrate/qapi/qobject"
)

// Result is what a command returns. nil stands for the empty object.
type Result interface {
	AppendJSON(b []byte) []byte
}

// Command is one entry of a module's command table.
type Command struct {
	Name           string
	AllowOOB       bool // may be called with exec-oob
	AllowPreconfig bool // may be called before the machine is made
	Features       Features
	Hidden         []HiddenMember // of the result

	// Call checks args (nil counts as empty), runs the command and returns its result. Errors are *Error where the
	// class matters; see AsError.
	Call CallFunc
}

// CallFunc runs one command with arguments as they came in.
type CallFunc func(ctx context.Context, args *qobject.Dict) (Result, error)

// plain wraps a command that neither takes nor returns anything.
func plain(run func(context.Context) error) CallFunc {
	return func(ctx context.Context, args *qobject.Dict) (Result, error) {
		if err := decodeNothing(args); err != nil {
			return nil, err
		}
		return nil, run(ctx)
	}
}

// taking wraps a command that takes arguments and returns nothing.
func taking[A any, P objectOf[A]](run func(context.Context, *A) error) CallFunc {
	return func(ctx context.Context, args *qobject.Dict) (Result, error) {
		a, err := decodeDict[A, P](PolicyFrom(ctx), args)
		if err != nil {
			return nil, err
		}
		return nil, run(ctx, a)
	}
}

// returning wraps a command that takes nothing and returns an R.
func returning[R any](run func(context.Context) (R, error), encode func([]byte, R) []byte) CallFunc {
	return func(ctx context.Context, args *qobject.Dict) (Result, error) {
		if err := decodeNothing(args); err != nil {
			return nil, err
		}
		return answer(encode)(run(ctx))
	}
}

// takingReturning wraps a command that takes arguments and returns an R.
func takingReturning[A, R any, P objectOf[A]](
	run func(context.Context, *A) (R, error),
	encode func([]byte, R) []byte,
) CallFunc {
	return func(ctx context.Context, args *qobject.Dict) (Result, error) {
		a, err := decodeDict[A, P](PolicyFrom(ctx), args)
		if err != nil {
			return nil, err
		}
		return answer(encode)(run(ctx, a))
	}
}

// returningObject wraps a command that takes nothing and returns an object.
func returningObject[R Result](run func(context.Context) (R, error)) CallFunc {
	return func(ctx context.Context, args *qobject.Dict) (Result, error) {
		if err := decodeNothing(args); err != nil {
			return nil, err
		}
		return result(run(ctx))
	}
}

// takingReturningObject wraps a command that takes arguments and returns an object.
func takingReturningObject[A any, R Result, P objectOf[A]](run func(context.Context, *A) (R, error)) CallFunc {
	return func(ctx context.Context, args *qobject.Dict) (Result, error) {
		a, err := decodeDict[A, P](PolicyFrom(ctx), args)
		if err != nil {
			return nil, err
		}
		return result(run(ctx, a))
	}
}

// result is what a command's method returned, if it did not fail.
func result[R Result](value R, err error) (Result, error) {
	if err != nil {
		return nil, err
	}
	return value, nil
}

// answer turns what a command's method returned into what Call returns.
func answer[R any](encode func([]byte, R) []byte) func(R, error) (Result, error) {
	return func(value R, err error) (Result, error) {
		if err != nil {
			return nil, err
		}
		return encoded[R]{value, encode}, nil
	}
}

// encoded is a value together with its way into JSON.
type encoded[R any] struct {
	value  R
	encode func([]byte, R) []byte
}

func (e encoded[R]) AppendJSON(b []byte) []byte { return e.encode(b, e.value) }
