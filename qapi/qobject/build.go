package qobject

// builder puts values together, one token at a time. It keeps its own stack, so that depth costs no recursion.
type builder struct {
	stack  []frame
	result any
	err    *ParseError // the first one; tokens after it only count towards the end of the value
	names  interner
	text   []byte // scratch for strings with escapes
	spare  *Dict  // for the next outermost object; nil: none
}

// frame is one open object or array.
type frame struct {
	want want
	key  string
	dict *Dict // nil: an array
	list List
}

type want byte

const (
	wantValue    want = iota
	wantElements      // the first element of an array, or its end
	wantMembers       // the first key of an object, or its end
	wantKey
	wantColon
	wantMember // the value of an object's member
	wantDictSeparator
	wantListSeparator
)

func (b *builder) syntaxError(format string, args ...any) {
	if b.err == nil {
		b.err = syntaxErrorf(format, args...)
	}
}

// take returns what was built and empties the builder.
func (b *builder) take() (any, *ParseError) {
	v, err := b.result, b.err
	clear(b.stack) // values must not stay reachable
	b.stack, b.result, b.err = b.stack[:0], nil, nil
	return v, err
}

// build takes the next token of a value.
func (b *builder) build(kind tokenKind, text []byte) {
	if b.err != nil {
		return
	}
	if len(b.stack) == 0 {
		b.start(kind, text)
		return
	}
	top := &b.stack[len(b.stack)-1]
	switch top.want {
	case wantMembers, wantDictSeparator:
		switch {
		case kind == '}':
			b.close(top.dict)
		case top.want == wantMembers:
			top.want = wantKey
			b.start(kind, text)
		case kind == ',':
			top.want = wantKey
		default:
			b.syntaxError("expected separator in dict")
		}
	case wantElements, wantListSeparator:
		switch {
		case kind == ']':
			b.close(top.list)
		case top.want == wantElements:
			top.want = wantValue
			b.start(kind, text)
		case kind == ',':
			top.want = wantValue
		default:
			b.syntaxError("expected separator in list")
		}
	case wantColon:
		if kind != ':' {
			b.syntaxError("missing : in object pair")
			return
		}
		top.want = wantMember
	default:
		b.start(kind, text)
	}
}

// start takes the first token of a value.
func (b *builder) start(kind tokenKind, text []byte) {
	switch kind {
	case '{':
		d := b.spare
		switch {
		case len(b.stack) > 0:
			d = NewDict()
		case d == nil:
			d = newRoomyDict() // most likely a request
		default:
			b.spare = nil
		}
		b.stack = append(b.stack, frame{want: wantMembers, dict: d})
	case '[':
		b.stack = append(b.stack, frame{want: wantElements, list: List{}})
	case tokenString:
		if v, err := b.unquote(text); err != nil {
			b.err = err
		} else {
			b.put(v)
		}
	case tokenInteger:
		b.put(integer(text))
	case tokenFloat:
		b.put(float(text))
	case tokenKeyword:
		b.keyword(text)
	default:
		b.syntaxError("expecting value")
	}
}

func (b *builder) keyword(text []byte) {
	switch string(text) {
	case "true":
		b.put(true)
	case "false":
		b.put(false)
	case "null":
		b.put(Null{})
	default:
		b.syntaxError("invalid keyword '%s'", text)
	}
}

// close ends the innermost object or array and hands it to the one around it.
func (b *builder) close(v any) {
	b.stack[len(b.stack)-1] = frame{}
	b.stack = b.stack[:len(b.stack)-1]
	b.put(v)
}

// put hands a finished value to the innermost open object or array.
func (b *builder) put(v any) {
	if len(b.stack) == 0 {
		b.result = v
		return
	}
	top := &b.stack[len(b.stack)-1]
	switch {
	case top.dict == nil:
		top.list = append(top.list, v)
		top.want = wantListSeparator
	case top.want == wantMember:
		if top.dict.Has(top.key) {
			b.syntaxError("duplicate key")
			return
		}
		top.dict.add(top.key, v)
		top.want = wantDictSeparator
	default:
		key, ok := v.(string)
		if !ok {
			b.syntaxError("key is not a string in object")
			return
		}
		top.key, top.want = key, wantColon
	}
}
