{{ indicateurs_odd_publies('metropole', 'metropole') }}
