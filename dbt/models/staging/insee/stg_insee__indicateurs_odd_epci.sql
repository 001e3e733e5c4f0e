{{ indicateurs_odd_publies('epci', 'epci') }}
