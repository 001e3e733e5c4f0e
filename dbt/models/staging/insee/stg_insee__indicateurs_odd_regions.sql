{{ indicateurs_odd_publies('regions', 'region') }}
