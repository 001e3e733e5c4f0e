{{ indicateurs_odd_publies('communes', 'commune') }}
