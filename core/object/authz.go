package object

import (
	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// Authorizer decides who is let in.
type Authorizer interface {
	// IsAllowed says whether the bearer of a name is let in.
	IsAllowed(identity string) bool
}

// AuthzSimple lets in one name.
type AuthzSimple struct{ identity string }

// IsAllowed says whether it is that name.
func (a *AuthzSimple) IsAllowed(identity string) bool { return identity == a.identity }

// TypeName is authz-simple.
func (a *AuthzSimple) TypeName() string { return "authz-simple" }

// Properties are the name.
func (a *AuthzSimple) Properties() []qom.Property {
	return []qom.Property{qom.Fixed("identity", "string", a.identity)}
}

// Close does nothing.
func (a *AuthzSimple) Close() error { return nil }

// AuthzList is a list of rules; the first that matches counts.
type AuthzList struct{ rules qapi.AuthZListProperties }

// IsAllowed says what the first rule says that matches, or else the policy.
func (a *AuthzList) IsAllowed(identity string) bool { return allowed(&a.rules, identity) }

// TypeName is authz-list.
func (a *AuthzList) TypeName() string { return "authz-list" }

// Properties are the rules, and what becomes of those whom none matches.
func (a *AuthzList) Properties() []qom.Property {
	rules := qobject.List{}
	for _, r := range a.rules.Rules {
		d := qobject.NewDict()
		d.Set("match", r.Match)
		d.Set("policy", string(r.Policy))
		d.Set("format", string(otherwise(r.Format, qapi.QAuthZListFormatExact)))
		rules = append(rules, d)
	}
	return []qom.Property{
		qom.Fixed("policy", "QAuthZListPolicy", string(otherwise(a.rules.Policy, qapi.QAuthZListPolicyDeny))),
		qom.Fixed("rules", "QAuthZListRule", rules),
	}
}

// Close does nothing.
func (a *AuthzList) Close() error { return nil }

func allowed(list *qapi.AuthZListProperties, identity string) bool {
	policy := otherwise(list.Policy, qapi.QAuthZListPolicyDeny)
	for _, r := range list.Rules {
		match := r.Match == identity
		if otherwise(r.Format, qapi.QAuthZListFormatExact) == qapi.QAuthZListFormatGlob {
			match = glob(r.Match, identity)
		}
		if match {
			policy = r.Policy
			break
		}
	}
	return policy == qapi.QAuthZListPolicyAllow
}

// glob says whether pattern, in which * stands for any text and ? for any one
// character, is all of text. It goes back to the last * only, so that its time
// is bounded by the product of the lengths.
func glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
