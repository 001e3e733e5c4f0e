{{ staging_indicateurs_odd(source('insee', 'indicateurs_odd_epci'), 'epci') }}
