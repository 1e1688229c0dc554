package schema

// Member is one member of an object.
type Member struct {
	Name     string
	Pos      Pos
	Optional bool
	Ref      *Ref
	Features []string
	Doc      string
}

// Object is *Struct or *Union.
type Object interface {
	Type
	Definition
	// AllMembers returns the members that are always possible, those of the base first.
	AllMembers() []*Member
}

// Struct is an object with fixed members. Structs without a name are the data of one command or event.
type Struct struct {
	Info
	Base    *Ref
	Members []*Member
}

// TypeName implements Type.
func (s *Struct) TypeName() string { return s.Name }

// JSON implements Type.
func (s *Struct) JSON() string { return "object" }

// AllMembers implements Object.
func (s *Struct) AllMembers() []*Member { return append(baseMembers(s.Base), s.Members...) }

// Union is an object whose further members depend on the value of one of them, the discriminator.
type Union struct {
	Info
	Base     *Ref      // named base, or nil
	Members  []*Member // those of an inline base
	TagName  string
	Tag      *Member
	Branches []*Branch // in the order of the discriminator's values; values without a branch have none
}

// Branch is what one value of the discriminator adds, or one choice of an alternate.
type Branch struct {
	Name string
	Pos  Pos
	Ref  *Ref
	Doc  string
}

// TypeName implements Type.
func (u *Union) TypeName() string { return u.Name }

// JSON implements Type.
func (u *Union) JSON() string { return "object" }

// AllMembers implements Object.
func (u *Union) AllMembers() []*Member { return append(baseMembers(u.Base), u.Members...) }

// TagEnum returns the discriminator's type.
func (u *Union) TagEnum() *Enum { return u.Tag.Ref.Type.(*Enum) }

// Branch returns the branch of a discriminator's value, or nil.
func (u *Union) Branch(value string) *Branch {
	for _, b := range u.Branches {
		if b.Name == value {
			return b
		}
	}
	return nil
}

func baseMembers(base *Ref) []*Member {
	if base == nil {
		return nil
	}
	return base.Type.(*Struct).AllMembers()
}
