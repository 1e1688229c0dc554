package qapi

import "context"

// Features are those of a command, an event, a member or a value that a Policy cares about.
type Features uint8

// The features.
const (
	Deprecated Features = 1 << iota
	Unstable
)

// InputPolicy is what becomes of input that has a feature.
type InputPolicy uint8

// The policies for input.
const (
	AcceptInput InputPolicy = iota
	RejectInput
	CrashInput
)

// Policy says what clients may use of the parts of the schema that are deprecated or unstable, and what they get to
// see of them. The zero value, and nil, make no difference to other parts.
type Policy struct {
	DeprecatedInput, UnstableInput InputPolicy
	HideDeprecated, HideUnstable   bool // in replies and events
	// Crash ends the program, for CrashInput. nil: reject instead.
	Crash func(reason string)
}

// Admit returns the error of class by which something with some features, a "command" for example, is refused; nil
// when it is not.
func (p *Policy) Admit(f Features, class ErrorClass, what, name string) error {
	if p == nil || f == 0 {
		return nil
	}
	for _, c := range []struct {
		feature   Features
		policy    InputPolicy
		adjective string
	}{{Deprecated, p.DeprecatedInput, "Deprecated"}, {Unstable, p.UnstableInput, "Unstable"}} {
		if f&c.feature == 0 || c.policy == AcceptInput {
			continue
		}
		err := ClassErrorf(class, "%s %s %s disabled by policy", c.adjective, what, name)
		if c.policy == CrashInput && p.Crash != nil {
			p.Crash(err.Desc)
		}
		return err
	}
	return nil
}

// Hides tells whether output with some features is left out.
func (p *Policy) Hides(f Features) bool { return f&p.hidden() != 0 }

func (p *Policy) hidden() (f Features) {
	if p != nil && p.HideDeprecated {
		f |= Deprecated
	}
	if p != nil && p.HideUnstable {
		f |= Unstable
	}
	return f
}

type policyKey struct{}

// WithPolicy returns a context in which commands are called under a policy.
func WithPolicy(ctx context.Context, p *Policy) context.Context {
	return context.WithValue(ctx, policyKey{}, p)
}

// PolicyFrom returns the policy of the command that runs under ctx, or nil when there is none.
func PolicyFrom(ctx context.Context) *Policy {
	p, _ := ctx.Value(policyKey{}).(*Policy)
	return p
}
