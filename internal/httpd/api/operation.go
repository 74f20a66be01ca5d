package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"vinbot/internal/account"
)

// operation is one thing that the API can be asked for.
type operation struct {
	ID      string
	Method  string
	Path    string // with {names} in braces
	Tag     string
	Summary string
	Details string
	// Open needs no token.
	Open bool
	// Scope is what a program's token must have; empty: any token will do.
	Scope account.Scope
	// Owners may call it, too, about what is theirs.
	Owners bool
	// Status is that of success; 0 is 200. Also are others of success, which the
	// output's field Status says.
	Status int
	Also   []int
	// Errors are the statuses of the problems that it can have, beyond those
	// that follow from the rest of it.
	Errors []int
}

// route is an operation with what carries it out.
type route struct {
	operation
	params []param
	body   *body // nil for none
	outer  outer
	run    func(ctx context.Context, in any) (any, error)
	in     reflect.Type
	// raw carries it out instead where it is no question of JSON.
	raw func(w http.ResponseWriter, r *http.Request, in any) error
	doc *huma.Operation
}

// add adds an operation. Its input's fields are the parameters, tagged path,
// query or header, and Body; its output's the headers, and Body. Each kind has
// the tags of huma's schemas. huma's own Register is not used: it is a generic
// function of thirty kilobytes, once for each operation.
func add[I, O any](a *API, op operation, do func(ctx context.Context, in *I) (*O, error)) {
	rt := &route{operation: op, in: reflect.TypeFor[I](), run: func(ctx context.Context, in any) (any, error) {
		input, _ := in.(*I)
		return do(ctx, input)
	}}
	rt.outer = outerOf(reflect.TypeFor[O]())
	a.register(rt)
}

// addRaw adds an operation that reads or writes something else than JSON.
// document says what, since the types do not.
func addRaw[I any](a *API, op operation, do func(w http.ResponseWriter, r *http.Request, in *I) error, document func(*huma.Operation)) {
	rt := &route{operation: op, in: reflect.TypeFor[I](), raw: func(w http.ResponseWriter, r *http.Request, in any) error {
		input, _ := in.(*I)
		return do(w, r, input)
	}}
	a.register(rt)
	document(rt.doc)
}

// register makes a route ready and documents it.
func (a *API) register(rt *route) {
	if rt.Status == 0 {
		rt.Status = http.StatusOK
	}
	rt.params, rt.body = a.inputOf(rt.in, rt.ID)
	a.document(rt)
	pattern := rt.Method + " " + rt.Path
	a.routes[pattern] = rt
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := a.carryOut(w, r, rt); err != nil {
			a.fail(w, r, err)
		}
	})
}

// carryOut reads a request, does what it asks for and answers it.
func (a *API) carryOut(w http.ResponseWriter, r *http.Request, rt *route) error {
	in := reflect.New(rt.in)
	body, err := a.bind(w, r, rt, in.Elem())
	if err != nil {
		return err
	}
	if rt.raw != nil {
		return rt.raw(w, r, in.Interface())
	}
	said, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (answer, error) {
		return a.once(r.WithContext(ctx), rt, body, func(ctx context.Context) (answer, int64, error) {
			out, err := rt.run(ctx, in.Interface())
			if err != nil {
				return answer{}, 0, err
			}
			about := int64(0)
			if s, ok := out.(subject); ok {
				about = s.about()
			}
			return rt.outer.answer(rt.Status, out), about, nil
		})
	})
	if err != nil {
		return err
	}
	a.write(w, r, said)
	return nil
}

// outer says where the parts of an output are.
type outer struct {
	headers map[string]int
	body    int // -1 for none
	status  int // where it is not always the same; -1 for none
	of      reflect.Type
}

func outerOf(t reflect.Type) outer {
	o := outer{headers: map[string]int{}, body: -1, status: -1, of: t}
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("header"); name != "" {
			o.headers[name] = i
		}
		switch f.Name {
		case "Body":
			o.body = i
		case "Status":
			o.status = i
		}
	}
	return o
}

func (o outer) answer(status int, out any) answer {
	v := reflect.ValueOf(out).Elem()
	ans := answer{status: status, headers: map[string]string{}, kind: kindJSON}
	if o.status >= 0 {
		if said := int(v.Field(o.status).Int()); said != 0 {
			ans.status = said
		}
	}
	for name, i := range o.headers {
		if value := v.Field(i).String(); value != "" {
			ans.headers[name] = value
		}
	}
	if o.body >= 0 && ans.status != http.StatusNotModified {
		ans.body = v.Field(o.body).Interface()
	}
	return ans
}
